-- Moves parts of a collation whose output did not come in time to this replica's journal, to be processed again.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 wake  5 dead  6 collation  7 wait  8 wakes
-- ARGV  1 replica  2 not-after  3 flow  4 resource  5 generation  6 how many parts at most
-- Gives {now, 'OK', per part: journal entry, index, attempts, body} | {now, 'EXPELLED' | 'LATE'}.
--
-- Found by a tick and judged again here. Taking back comes before XADD, so it runs at maxmemory.
local here = {now = milliseconds(), flow = ARGV[3], meta = KEYS[3], wake = KEYS[4], dead = KEYS[5]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

local reply = {here.now, 'OK'}
local collation = {collation = KEYS[6], wait = KEYS[7], wakes = KEYS[8], resource = ARGV[4], generation = ARGV[5]}
local due = call('ZSCORE', here.wake, member_of(here, collation))
if not due or tonumber(due) > here.now then
  return reply
end
local done, state = attempt(read, KEYS[6])
if not done then
  -- Somebody else wrote to its key. It does not keep those that are due after it from being found.
  call('ZADD', here.wake, here.now + 60000, member_of(here, collation))
  return reply
end
if closed_to(state, ARGV[5], here.now) then
  call('ZREM', here.wake, member_of(here, collation))
  if state[GEN] == ARGV[5] and not is_open(state) then
    forget_aside(here, collation, state)
  end
  return reply
end

local moved = 0
for _, index in ipairs(call('ZRANGEBYSCORE', KEYS[8], '-inf', here.now, 'LIMIT', 0, ARGV[6])) do
  local record = call('HGET', KEYS[7], index)
  call('HDEL', KEYS[7], index)
  call('ZREM', KEYS[8], index)
  local space = record and record:find(' ', 1, true)
  if space then
    local attempts, body = record:sub(2, space - 1), record:sub(space + 1)
    reply[#reply + 1] = call('XADD', KEYS[2], '*',
      'f', here.flow, 'r', ARGV[4], 'g', ARGV[5], 'i', index, 'm', 0, 'b', body, 'a', attempts)
    reply[#reply + 1] = index
    reply[#reply + 1] = attempts
    reply[#reply + 1] = body
    moved = moved + 1
  end
end
if moved > 0 then
  count_waiting(here, collation, -moved)
  call('HINCRBY', here.meta, 'journal:' .. here.flow, moved)
  reschedule(here, collation)
end
return reply
