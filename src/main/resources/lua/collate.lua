-- Takes 1..n processed parts of one flow out of the journal and into their collations; ends what is whole.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 deliveries in flight at this replica  5 wake  6 dead
--       then per part: collation, outputs, delivery and, where parts are kept aside, wait, wakes
-- ARGV  1 replica  2 not-after  3 flow  4 '1' single part  5 '1' parts are kept aside
--       6 limit of a collation's output bytes  7 how long a part that is put off may take, ms
--       then per part: journal entry, resource, generation, index, result, delivery id
--       where a result is '=' JSON | '!' error | '~' attempts: put off, to be completed later
-- Gives {now, 'OK', per part: 'LOST' | 'STALE' | 'TOO_LATE' | 'PARKED' | 'ADDED' | 'ENDED' | 'ASIDE',
--       what letter_of says where it ended; or 'BROKEN' | 'STUCK', what is wrong} |
--       {now, 'EXPELLED' | 'LATE'}.
--
-- The journal entry is the guard: only who takes it out goes on, so a part that two replicas processed, or
-- one twice, is collated once (LOST for the other). STALE: the resource was dropped meanwhile, or lives a new
-- life. TOO_LATE: its time has run out; that a result came is recorded and changes nothing. LOST too is who comes
-- after somebody completed the part while it was still here: that output was the first. ASIDE: nothing was done, since
-- parts of it were kept aside, as the flow once did, and the keys for that are not declared: call again with them.
-- BROKEN: somebody else wrote to its collation's keys, so that nothing can be added; the part is dead, and can be
-- retried. STUCK: not even that could be written down, and the part is where it was.
-- Taking out comes first: it frees memory, so it runs at maxmemory, and what follows it then runs too.
local here = {now = milliseconds(), flow = ARGV[3], single = ARGV[4] == '1', limit = tonumber(ARGV[6]),
  meta = KEYS[3], flight = KEYS[4], wake = KEYS[5], dead = KEYS[6]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

local aside, taken = ARGV[5] == '1', 0
local reply = {here.now, 'OK'}

-- What the part's processor was given: the journal knows it, so nobody need send it again.
local function body_of(entry)
  local found = redis.call('XRANGE', KEYS[2], entry, entry)[1]
  for i = 1, found and #found[2] or 0, 2 do
    if found[2][i] == 'b' then
      return found[2][i + 1]
    end
  end
end

-- Rarely: when it is put off, has failed, or is too large.
local function may_set_aside(result, state)
  return result:byte() ~= OUTPUT or tonumber(state[SIZE] or 0) + #result > here.limit
end

local function collated(part, result, body, state)
  if result:byte() == DEFERRED then
    count_waiting(here, part, 1)
    set_aside(here, part, 'w' .. result:sub(2) .. ' ' .. body, here.now + tonumber(ARGV[7]))
    return 'PARKED'
  end
  local outcome, failed = add(here, part, result, state)
  if failed and state[HOLD] and body then
    bury(here, part, body)
  end
  return outcome
end

-- Gives the outcome, and what whoever makes the delivery must know.
local function take(part, entry, result)
  local state = examine(part)
  if state[WAITING] and not aside then
    return {'ASIDE', ''}
  end
  local body = aside and may_set_aside(result, state) and body_of(entry)
  if redis.call('XDEL', KEYS[2], entry) == 0 then
    return {'LOST', ''}
  end
  taken = taken + 1
  local outcome = closed_to(state, part.generation, here.now)
  if outcome ~= 'STALE' and state[WAITING] and has_result(part) then
    outcome = 'LOST'
  elseif not outcome then
    outcome = collated(part, result, body, state)
  elseif outcome == 'TOO_LATE' and result:byte() ~= DEFERRED then
    redis.call('HINCRBY', part.collation, 'late', 1)
    if here.single and result:byte() ~= FAILURE then
      redis.call('HSETNX', part.collation, 'late_output', result)
    end
  end
  return {outcome, outcome == 'ENDED' and letter_of(part, state) or ''}
end

local function give_up(part, entry, problem)
  local body = body_of(entry)
  if not body then
    return {'LOST', ''}
  end
  bury_broken(here, part, body, problem)
  taken = taken + redis.call('XDEL', KEYS[2], entry)
  return {'BROKEN', problem}
end

local arg = 8
for key = 7, #KEYS, aside and 5 or 3 do
  local entry, result = ARGV[arg], ARGV[arg + 4]
  local part = {collation = KEYS[key], outputs = KEYS[key + 1], delivery = KEYS[key + 2],
    wait = aside and KEYS[key + 3], wakes = aside and KEYS[key + 4],
    resource = ARGV[arg + 1], generation = ARGV[arg + 2], index = ARGV[arg + 3], delivery_id = ARGV[arg + 5]}
  arg = arg + 6

  local done, outcome = attempt(take, part, entry, result)
  if not done and aside then
    done, outcome = attempt(give_up, part, entry, outcome)
    outcome = done and outcome or {'STUCK', outcome}
  elseif not done then
    outcome = {'ASIDE', ''}
  end
  reply[#reply + 1] = outcome[1]
  reply[#reply + 1] = outcome[2]
end

if taken > 0 then
  redis.call('HINCRBY', here.meta, 'journal:' .. here.flow, -taken)
end
count_ended(here)
return reply
