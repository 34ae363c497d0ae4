-- Takes the outputs of 1..n parts of one flow that were put off, or are about to be.
-- KEYS  1 replicas  2 meta  3 deliveries in flight at this replica  4 wake  5 dead
--       then per part: collation, outputs, delivery, wait, wakes
-- ARGV  1 replica  2 not-after  3 flow  4 '1' single part  5 limit of a collation's output bytes
--       then per part: resource, generation, index, '=' JSON, delivery id
-- Gives {now, 'OK', per part: 'TAKEN' | 'ENDED' | 'REPEATED' | 'CONFLICT' | 'GONE', what letter_of says,
--       1 it was too large and not taken | 0; or 'BROKEN', '', 0} | {now, 'EXPELLED' | 'LATE'}.
--
-- The first output counts, and only one, wherever the part is: put off, dead and held for a retry, or in a journal,
-- since it was not put off yet, is to be tried again or was woken. Who holds it there finds that it has its result.
-- One that is too large is a failure of the part, unless that is in a journal: whoever holds it there goes on.
-- BROKEN: somebody else wrote to its collation's keys, so that nothing can be added.
-- The first command frees nothing, but lets what follows run at maxmemory.
local here = {now = milliseconds(), flow = ARGV[3], single = ARGV[4] == '1', limit = tonumber(ARGV[5]),
  meta = KEYS[2], flight = KEYS[3], wake = KEYS[4], dead = KEYS[5]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

call('ZREM', here.wake, '')

local function output_of(part)
  if here.single then
    local kept = call('HGET', part.collation, 'output')
    return kept and byte(kept) == OUTPUT and kept
  end
  local member = call('ZRANGEBYSCORE', part.outputs, part.index, part.index)[1]
  return member and member:sub(#part.index + 1)
end

local function complete(part, output, state)
  local present = state[GEN] == part.generation and output_of(part)
  if present then
    return present == output and 'REPEATED' or 'CONFLICT'
  end
  local closed = closed_to(state, part.generation, here.now)
  if closed == 'TOO_LATE' and here.single and call('HSETNX', part.collation, 'late_output', output) == 1 then
    call('HINCRBY', part.collation, 'late', 1)
  end
  if closed then
    return 'GONE'
  end
  local record = call('HGET', part.wait, part.index)
  local kind = record and record:byte()
  if kind then
    take_back(here, part, kind)
    state = read(part.collation)
  elseif has_result(here, part, state) then
    return 'GONE'
  elseif (state[SIZE] or 0) + #output - 1 > here.limit then
    -- What its processor was given is in a journal somewhere: whoever holds it goes on as if nothing had come.
    return 'TAKEN', true
  else
    call('HINCRBY', part.collation, 'waiting', 0)
  end
  local outcome, failed = add(here, part, output, state)
  if outcome == 'ENDED' then
    return outcome, failed, state
  elseif failed and state[HOLD] then
    bury(here, part, record:sub((kind == WAITS and record:find(' ', 1, true) or 1) + 1))
  elseif kind then
    reschedule(here, part)
  end
  return 'TAKEN', failed
end

local function answer(part, output)
  local outcome, too_large, ended = complete(part, output, examine(here, part, output))
  return {outcome, ended and letter_of(ended) or '', too_large and 1 or 0}
end

local reply = {here.now, 'OK'}
local arg = 6
for key = 6, #KEYS, 5 do
  local part = {collation = KEYS[key], outputs = KEYS[key + 1], delivery = KEYS[key + 2], wait = KEYS[key + 3],
    wakes = KEYS[key + 4], resource = ARGV[arg], generation = ARGV[arg + 1], index = ARGV[arg + 2],
    delivery_id = ARGV[arg + 4]}
  local done, given = attempt(answer, part, ARGV[arg + 3])
  for i = 1, 3 do
    reply[#reply + 1] = done and given[i] or ({'BROKEN', '', 0})[i]
  end
  arg = arg + 5
end
put_in_flight(here)
count_ended(here)
return reply
