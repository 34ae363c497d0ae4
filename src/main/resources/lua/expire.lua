-- Acts on a collation whose time has come: closes it to new parts, ends it, or removes it.
-- KEYS  1 replicas  2 meta  3 due  4 recent of the flow  5 deliveries in flight at this replica  6 wake  7 dead
--       8 dead letters  9 collation  10 outputs  11 delivery  12 wait  13 wakes  then the resource's other keys
-- ARGV  1 replica  2 not-after  3 flow  4 resource  5 generation  6 delivery id
--       7 highest index the keys were made for
-- Gives {now, 'OK', 'NOTHING' | 'CLOSING' | 'REMOVED', ''} | {now, 'OK', 'ENDED', what letter_of says} |
--       {now, 'OK', 'BROKEN', what is wrong} | {now, 'EXPELLED' | 'LATE'}.
--
-- Found by a tick and judged again here: whoever answered, delivered or dropped in between has won. A result
-- and the deadline that race for one collation are two scripts, and Redis runs one of them first.
-- Every path begins with ZREM, which frees: it must run at maxmemory.
local here = {now = milliseconds(), flow = ARGV[3], meta = KEYS[2], flight = KEYS[5], wake = KEYS[6], dead = KEYS[7]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

local part = {collation = KEYS[9], outputs = KEYS[10], delivery = KEYS[11], wait = KEYS[12], wakes = KEYS[13],
  resource = ARGV[4], generation = ARGV[5], delivery_id = ARGV[6]}
local member = member_of(here, part)
local due = call('ZSCORE', KEYS[3], member)
if not due or tonumber(due) > here.now then
  return {here.now, 'OK', 'NOTHING', ''}
end
call('ZREM', KEYS[3], member)
local done, state = attempt(examine, here, part)
if not done then
  -- Somebody else wrote to its keys. It does not keep those that are due after it from being found.
  call('ZADD', KEYS[3], here.now + 60000, member)
  return {here.now, 'OK', 'BROKEN', state}
end

local function forget_letter()
  if call('ZREM', KEYS[8], part.delivery_id) == 1 then
    call('HINCRBY', here.meta, 'undelivered:' .. here.flow, -1)
  end
end

if state[GEN] and state[GEN] ~= part.generation then
  -- Its own keys went by their TTL, and the id lives another life already.
  forget_letter()
  return {here.now, 'OK', 'NOTHING', ''}
end

if not is_open(state) then
  local over = call('HMGET', part.collation, 'delivered', 'died')
  if state[STATE] and not over[1] and not over[2] then
    -- Ended, and still to be delivered: what comes next is the delivery's to say.
    return {here.now, 'OK', 'NOTHING', ''}
  end
  if state[MAX] and state[MAX] > tonumber(ARGV[7]) then
    call('ZADD', KEYS[3], due, member)
    return {here.now, 'OK', 'NOTHING', ''}
  end
  call('ZREM', KEYS[4], part.resource)
  call('ZREM', here.wake, member)
  call('ZREM', here.dead, member)
  forget_letter()
  call('UNLINK', unpack(KEYS, 9))
  return {here.now, 'OK', 'REMOVED', ''}
end

local over = here.now >= state[DEADLINE]
if not over and not is_settled(state) then
  call('ZADD', KEYS[3], state[DEADLINE], member)
  call('HSET', part.collation, 'state', 'closing', 'updated', here.now)
  return {here.now, 'OK', 'CLOSING', ''}
end
call('HSET', part.collation,
  'state', 'incomplete', 'ended', here.now, 'updated', here.now, 'delivery', part.delivery_id)
if over then
  call('HSET', part.collation, 'expired', 1)
end
begin_delivery(here, part, state)
put_in_flight(here)
forget_aside(here, part, state)
count_ended(here)
return {here.now, 'OK', 'ENDED', letter_of(state)}
