-- Takes the outputs of 1..n parts of one flow that were put off, or are about to be.
-- KEYS  1 replicas  2 meta  3 deliveries in flight at this replica  4 wake  5 dead
--       then per part: collation, outputs, delivery, wait, wakes
-- ARGV  1 replica  2 not-after  3 flow  4 '1' single part  5 limit of a collation's output bytes
--       then per part: resource, generation, index, '=' JSON, delivery id
-- Gives {now, 'OK', per part: 'TAKEN' | 'ENDED' | 'REPEATED' | 'CONFLICT' | 'GONE', highest index and bytes,
--       1 it was too large and the part failed | 0} | {now, 'EXPELLED' | 'LATE'}.
--
-- An output that comes while its part is in a journal, before it was put off or because it was woken, is kept
-- for whoever collates that part: the first output counts, and only one. A dead part that is held for a retry
-- takes it too. The first command frees nothing, but lets what follows run at maxmemory.
local here = {now = milliseconds(), flow = ARGV[3], single = ARGV[4] == '1', limit = tonumber(ARGV[5]),
  meta = KEYS[2], flight = KEYS[3], wake = KEYS[4], dead = KEYS[5]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

redis.call('ZREM', here.wake, '')

local function complete(part, output, state)
  local present = state[GEN] == part.generation
    and redis.call('ZRANGEBYSCORE', part.outputs, part.index, part.index)[1]
  if present then
    return present == part.index .. output and 'REPEATED' or 'CONFLICT'
  end
  local closed = closed_to(state, part.generation, here.now)
  if closed == 'TOO_LATE' and here.single and redis.call('HSETNX', part.collation, 'late_output', output) == 1 then
    redis.call('HINCRBY', part.collation, 'late', 1)
  end
  if closed then
    return 'GONE'
  end
  local record = redis.call('HGET', part.wait, part.index)
  local kind = record and record:byte()
  if kind == EARLY then
    return record:sub(2) == output and 'REPEATED' or 'CONFLICT'
  elseif kind then
    take_back(here, part, kind)
    local taken = read(part.collation)
    local outcome, failed = add(here, part, output, taken)
    if outcome == 'ENDED' then
      return outcome, failed, taken
    elseif failed and taken[HOLD] then
      bury(here, part, record:sub((kind == WAITS and record:find(' ', 1, true) or 1) + 1))
    else
      reschedule(here, part)
    end
    return 'TAKEN', failed
  elseif redis.call('ZCOUNT', part.outputs, part.index + FAILED_AT, part.index + FAILED_AT) > 0 then
    return 'GONE'
  end
  redis.call('HSET', part.wait, part.index, 'e' .. output)
  redis.call('HINCRBY', part.collation, 'waiting', 0)
  return 'TAKEN'
end

local reply = {here.now, 'OK'}
local arg = 6
for key = 6, #KEYS, 5 do
  local part = {collation = KEYS[key], outputs = KEYS[key + 1], delivery = KEYS[key + 2], wait = KEYS[key + 3],
    wakes = KEYS[key + 4], resource = ARGV[arg], generation = ARGV[arg + 1], index = ARGV[arg + 2],
    delivery_id = ARGV[arg + 4]}
  local outcome, too_large, ended = complete(part, ARGV[arg + 3], read(part.collation))
  reply[#reply + 1] = outcome
  reply[#reply + 1] = ended and extent(ended) or ''
  reply[#reply + 1] = too_large and 1 or 0
  arg = arg + 5
end
count_ended(here)
return reply
