-- Takes 1..n processed parts of one flow out of the journal and into their collations; ends what is whole.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 deliveries in flight at this replica  5 wake  6 dead
--       then per life of a resource: collation, outputs, delivery and, where parts are kept aside, wait, wakes
-- ARGV  1 replica  2 not-after  3 flow  4 '1' single part  5 '1' parts are kept aside
--       6 limit of a collation's output bytes  7 how long a part that is put off may take, ms
--       8 what the id of a delivery has before the generation
--       9 highest index of an outcome that is small  10 size of all its outputs, in bytes
--       then per life of a resource: resource, generation, how many parts; per part of it: journal entry, index, result
--       where a result is '=' JSON | '!' error | '~' attempts: put off, to be completed later
-- Gives {now, 'OK', per part a word: 'LOST' | 'STALE' | 'TOO_LATE' | 'PARKED' | 'ADDED' | 'ENDED' | 'ASIDE' | 'BROKEN' |
--       'STUCK', between spaces; then per part that is ENDED {what letter_of says; of a small outcome also what all_of
--       says, outputs}, and per part that is BROKEN or STUCK what is wrong} | {now, 'EXPELLED' | 'LATE'}.
--
-- The journal entry is the guard: only who takes it out goes on, so a part that two replicas processed, or
-- one twice, is collated once (LOST for the other). STALE: the resource was dropped meanwhile, or lives a new
-- life. TOO_LATE: its time has run out; that a result came is recorded and changes nothing. LOST too is who comes
-- after somebody completed the part while it was still here: that output was the first. ASIDE: nothing was done, since
-- parts of it were kept aside, as the flow once did, and the keys for that are not declared: call again with them.
-- BROKEN: somebody else wrote to its collation's keys, so that nothing can be added; the part is dead, and can be
-- retried. STUCK: not even that could be written down, and the part is where it was.
-- Taking out comes first: it frees memory, so it runs at maxmemory, and what follows it then runs too.
-- What is kept of a resource is read before the first of its parts and written after the last, since most of what they
-- cost otherwise is that; only where one of them is to be put off or held they go one by one.
local here = {now = milliseconds(), flow = ARGV[3], single = ARGV[4] == '1', limit = tonumber(ARGV[6]),
  meta = KEYS[3], flight = KEYS[4], wake = KEYS[5], dead = KEYS[6]}
local refused = refusal(here.now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {here.now, refused}
end

local few, short = tonumber(ARGV[9]), tonumber(ARGV[10])
-- Whatever is wrong with it is no part's fault, and shows before anything is taken from where it is.
call('SCARD', here.flight)
local journal, aside, taken = KEYS[2], ARGV[5] == '1', 0
local keys_a_life = aside and 5 or 3

-- Of all at once, as it nearly always is: a command costs more than what it does.
local function none_begun()
  local deliveries = {}
  for key = 9, #KEYS, keys_a_life do
    deliveries[#deliveries + 1] = KEYS[key]
  end
  return call('EXISTS', unpack(deliveries)) == 0
end
here.none_begun = none_begun()
local words, remarks = {}, {here.now, 'OK', ''}

local function answer(word, remark)
  words[#words + 1] = word
  remarks[#remarks + 1] = remark
end

-- What the part's processor was given: the journal knows it, so nobody need send it again.
local function body_of(entry)
  local found = call('XRANGE', journal, entry, entry)[1]
  for i = 1, found and #found[2] or 0, 2 do
    if found[2][i] == 'b' then
      return found[2][i + 1]
    end
  end
end

-- Rarely: when it is put off, has failed, or is too large.
local function may_set_aside(result, state)
  return result:byte() ~= OUTPUT or (state[SIZE] or 0) + #result > here.limit
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

local function record_late(part, result)
  call('HINCRBY', part.collation, 'late', 1)
  if here.single and result:byte() ~= FAILURE then
    call('HSETNX', part.collation, 'late_output', result)
  end
end

-- What whoever makes the delivery must know. Of a small outcome that is all of it, which saves it from being asked for:
-- what SnapshotReader reads of what ended, as it was written here, which saves reading it. A single part's request and
-- output the caller has.
local function all_of(part, state)
  if state[MAX] > few or (state[SIZE] or 0) > short then
    return {letter_of(state)}
  end
  local failed = state[FAILED] or 0
  local told = state[STATE] .. ' ' .. text_of(state[FIRST]) .. ' ' .. (state[LAST] and text_of(state[LAST]) or '-')
    .. ' ' .. text_of(state[MAX]) .. ' ' .. text_of(state[RECEIVED]) .. ' ' .. text_of(state[PROCESSED] or 0)
    .. ' ' .. text_of(failed) .. ' ' .. (state[CREATED] or '') .. ' ' .. text_of(here.now)
    .. ' ' .. text_of(state[DEADLINE])
  return {letter_of(state), told, here.single and failed == 0 and {} or call('ZRANGE', part.outputs, 0, -1)}
end

-- Gives the outcome, and what whoever makes the delivery must know.
local function take(part, entry, result)
  local state = examine(here, part, result)
  local body = may_set_aside(result, state) and body_of(entry)
  if call('XDEL', journal, entry) == 0 then
    return {'LOST'}
  end
  taken = taken + 1
  local outcome = closed_to(state, part.generation, here.now)
  if outcome ~= 'STALE' and state[WAITING] and has_result(here, part, state) then
    outcome = 'LOST'
  elseif not outcome then
    outcome = collated(part, result, body, state)
  elseif outcome == 'TOO_LATE' and result:byte() ~= DEFERRED then
    record_late(part, result)
  end
  return {outcome, outcome == 'ENDED' and all_of(part, state) or nil}
end

local function give_up(part, entry, problem)
  local body = body_of(entry)
  if not body then
    return {'LOST'}
  end
  bury_broken(here, part, body, problem)
  taken = taken + call('XDEL', journal, entry)
  return {'BROKEN', problem}
end

local function take_one_by_one(part, arg, behind)
  for at = arg, behind - 1, 3 do
    part.index = ARGV[at + 1]
    local done, outcome = attempt(take, part, ARGV[at], ARGV[at + 2])
    if not done then
      done, outcome = attempt(give_up, part, ARGV[at], outcome)
    end
    if done then
      answer(outcome[1], outcome[2])
    else
      answer('STUCK', outcome)
    end
  end
end

-- Whether some of what is or was done with these parts needs the keys of what is kept aside.
local function needs_aside(state, arg, behind)
  local size = state[SIZE] or 0
  for at = arg, aside and behind - 1 or 0, 3 do
    local result = ARGV[at + 2]
    size = size + #result
    if result:byte() ~= OUTPUT or size > here.limit then
      return true
    end
  end
  return state[WAITING]
end

-- Gives whether it did: nothing is done when one of them needs the keys of what is kept aside.
local function take_together(part, arg, behind)
  local state = examine(here, part, ARGV[arg + 2])
  if needs_aside(state, arg, behind) then
    return false
  end
  local closed = closed_to(state, part.generation, here.now)
  for at = arg, behind - 1, 3 do
    local result = ARGV[at + 2]
    part.index = ARGV[at + 1]
    if call('XDEL', journal, ARGV[at]) == 0 then
      answer('LOST')
    else
      taken = taken + 1
      if closed then
        answer(closed)
        if closed == 'TOO_LATE' then
          record_late(part, result)
        end
      elseif gather(here, part, result, state) == 'ENDED' then
        write(here, part, state)
        answer('ENDED', all_of(part, state))
        closed = 'TOO_LATE'
      else
        answer('ADDED')
      end
    end
  end
  write(here, part, state)
  return true
end

local arg = 11
for key = 7, #KEYS, keys_a_life do
  local part = {collation = KEYS[key], outputs = KEYS[key + 1], delivery = KEYS[key + 2],
    wait = aside and KEYS[key + 3], wakes = aside and KEYS[key + 4],
    resource = ARGV[arg], generation = ARGV[arg + 1], delivery_id = ARGV[8] .. ARGV[arg + 1]}
  local answered, remarked, behind = #words, #remarks, arg + 3 + 3 * ARGV[arg + 2]
  arg = arg + 3

  local done, together = attempt(take_together, part, arg, behind)
  if not (done and together) then
    for i = #words, answered + 1, -1 do
      words[i] = nil
    end
    for i = #remarks, remarked + 1, -1 do
      remarks[i] = nil
    end
    if aside then
      take_one_by_one(part, arg, behind)
    else
      for _ = arg, behind - 1, 3 do
        answer('ASIDE')
      end
    end
  end
  arg = behind
end

put_in_flight(here)
if taken > 0 then
  call('HINCRBY', here.meta, 'journal:' .. here.flow, -taken)
end
count_ended(here)
remarks[3] = table.concat(words, ' ')
return remarks
