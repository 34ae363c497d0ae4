-- Takes 1..n processed parts of one flow out of the journal and into their collations; ends what is whole.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 deliveries in flight at this replica
--       then per part: collation, outputs, delivery
-- ARGV  1 replica  2 not-after  3 flow  4 '1' single part
--       then per part: journal entry, resource, generation, index, output ('=' JSON | '!' error), delivery id
-- Gives {now, 'OK', per part: 'LOST' | 'STALE' | 'TOO_LATE' | 'ADDED' | 'ENDED', highest index} |
--       {now, 'EXPELLED' | 'LATE'}.
--
-- The journal entry is the guard: only who takes it out goes on, so a part that two replicas processed, or
-- one twice, is collated once (LOST for the other). STALE: the resource was dropped meanwhile, or lives a new
-- life. TOO_LATE: its time had run out and it was ended; that a result came is recorded and changes nothing.
-- Taking out comes first: it frees memory, so it runs at maxmemory, and what follows it then runs too.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, flow, single = ARGV[1], ARGV[3], ARGV[4] == '1'

if now > tonumber(ARGV[2]) then
  return {now, 'LATE'}
end
local beat = redis.call('ZSCORE', KEYS[1], me)
if not beat or tonumber(beat) == 0 then
  return {now, 'EXPELLED'}
end

local taken, ended = 0, 0
local reply = {now, 'OK'}

-- Adds one output; true when nothing more can change.
local function add(collation, outputs, index, output, state)
  local failure = output:byte() == 33
  redis.call('ZADD', outputs, index, index .. output)
  local processed, failed = tonumber(state[5] or 0), tonumber(state[6] or 0)
  if failure then
    failed = failed + 1
  else
    processed = processed + 1
  end
  local first, last, received = tonumber(state[7]), tonumber(state[3] or -1), tonumber(state[4])
  local settled = processed + failed == received
  local whole = settled and (state[1] == 'closing' or (last >= 0 and received == last - first + 1))
  -- Closed with packets missing, it can only end incomplete.
  local completed = failed == 0 and last >= 0 and received == last - first + 1
  local fields = {'updated', now}
  if failure then
    fields[3], fields[4] = 'failed', failed
  else
    fields[3], fields[4] = 'processed', processed
  end
  if whole then
    fields[5], fields[6] = 'state', completed and 'completed' or 'incomplete'
    fields[7], fields[8] = 'ended', now
  end
  if single then
    fields[#fields + 1] = 'output'
    fields[#fields + 1] = output
  end
  redis.call('HSET', collation, unpack(fields))
  return whole
end

local arg = 5
for key = 5, #KEYS, 3 do
  local collation, outputs, delivery = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local entry, resource, generation = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  local index, output, id = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
  arg = arg + 6

  local outcome, highest = 'LOST', false
  if redis.call('XDEL', KEYS[2], entry) == 1 then
    taken = taken + 1
    local state = redis.call('HMGET', collation, 'state', 'gen', 'last', 'received', 'processed', 'failed', 'first', 'max')
    highest = state[8]
    if state[2] ~= generation then
      outcome = 'STALE'
    elseif state[1] ~= 'collecting' and state[1] ~= 'closing' then
      outcome = 'TOO_LATE'
      redis.call('HINCRBY', collation, 'late', 1)
      if single then
        redis.call('HSET', collation, 'late_output', output)
      end
    elseif add(collation, outputs, index, output, state) then
      redis.call('HSET', collation, 'delivery', id)
      redis.call('HSET', delivery, 'flow', flow, 'resource', resource, 'gen', generation,
        'highest', highest, 'status', 'pending', 'attempts', 0, 'created', now)
      redis.call('SADD', KEYS[4], id)
      ended = ended + 1
      outcome = 'ENDED'
    else
      outcome = 'ADDED'
    end
  end
  reply[#reply + 1] = outcome
  reply[#reply + 1] = highest or ''
end

if taken > 0 then
  redis.call('HINCRBY', KEYS[3], 'journal:' .. flow, -taken)
end
if ended > 0 then
  redis.call('HINCRBY', KEYS[3], 'open:' .. flow, -ended)
  redis.call('HINCRBY', KEYS[3], 'pending', ended)
end
return reply
