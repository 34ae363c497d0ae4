-- Drops a resource and its work at the operator's word. Parts of it that are still in a journal find no
-- resource of their generation when they are collated, and go.
-- KEYS  1 meta  2 recent  3 outbox  4 due  5 wake  6 dead  7 dead letters  8 collation  9 outputs  10 delivery
--       11 wait  12 wakes  then the resource's other keys
-- ARGV  1 flow  2 resource  3 generation  4 highest index the keys were made for  5 delivery id
-- Gives {'DROPPED' | 'GONE' | 'CHANGED' it grew past the declared keys: look again}.
local here = {flow = ARGV[1], meta = KEYS[1], wake = KEYS[5], dead = KEYS[6]}
local part = {collation = KEYS[8], wait = KEYS[11], wakes = KEYS[12], resource = ARGV[2], generation = ARGV[3]}
local state = read(part.collation)
if not state[STATE] or state[GEN] ~= ARGV[3] then
  return {'GONE'}
end
if tonumber(state[MAX]) > tonumber(ARGV[4]) then
  return {'CHANGED'}
end
call('ZREM', KEYS[2], ARGV[2])
call('ZREM', KEYS[3], ARGV[5])
call('ZREM', KEYS[4], member_of(here, part))
forget_aside(here, part, state)
local died = call('ZREM', KEYS[7], ARGV[5]) == 1
if died or call('HGET', KEYS[10], 'status') == 'pending' then
  -- A version before counted in another place.
  local counted = call('HEXISTS', KEYS[10], 'before') == 1
  call('HINCRBY', KEYS[1], counted and 'undelivered:' .. ARGV[1] or 'pending', -1)
end
call('UNLINK', unpack(KEYS, 8))
if is_open(state) then
  call('HINCRBY', KEYS[1], 'open:' .. ARGV[1], -1)
end
return {'DROPPED'}
