-- Moves a dead part to this replica's journal, to be processed as if for the first time.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 wake  5 dead  6 collation  7 outputs  8 wait  9 wakes
-- ARGV  1 replica  2 not-after  3 flow  4 resource  5 generation  6 index
-- Gives {now, 'OK', journal entry, body} | {now, 'OK'} it is not dead, or its collation has ended |
--       {now, 'EXPELLED' | 'LATE'}.
--
-- What is kept is examined first: what is dead because of it is not lost by a retry that comes too soon.
-- Taking back comes before XADD, so it runs at maxmemory.
local here = {now = milliseconds(), flow = ARGV[3], meta = KEYS[3], wake = KEYS[4], dead = KEYS[5]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

local part = {collation = KEYS[6], outputs = KEYS[7], wait = KEYS[8], wakes = KEYS[9],
  resource = ARGV[4], generation = ARGV[5], index = ARGV[6]}
if closed_to(examine(here, part), ARGV[5], here.now) then
  return {here.now, 'OK'}
end
local record = call('HGET', KEYS[8], ARGV[6])
if not record or record:byte() ~= DIED then
  return {here.now, 'OK'}
end
take_back(here, part, DIED)
local body = record:sub(2)
local entry = call('XADD', KEYS[2], '*',
  'f', here.flow, 'r', ARGV[4], 'g', ARGV[5], 'i', ARGV[6], 'm', 0, 'b', body)
call('HINCRBY', here.meta, 'journal:' .. here.flow, 1)
reschedule(here, part)
return {here.now, 'OK', entry, body}
