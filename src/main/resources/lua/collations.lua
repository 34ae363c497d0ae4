-- What the scripts share that add results to collations and end them; it stands before their own text.
--
-- A part is a table of its keys (collation, outputs, delivery, wait, wakes) and its name (resource, generation,
-- index, delivery_id); wait and wakes are there only in flows that keep parts aside. What a call has in common is
-- in "here": now, flow, single, limit of output bytes, and the keys replicas, meta, flight, wake and dead.
--
-- outputs index -> output; failures stand behind all outputs, by index too, so that they can be read alone
-- wait   index -> 'w<attempts> <body>' is put off, and waits for its output
--                 'd<body>' is dead, and waits for somebody to have it retried
--                 index with '!' -> why, where that is not among the outputs
-- wakes  index -> when its time is up; of a dead part when it failed, moved so far that no clock gets there
-- wake   collation -> when the first of its parts' time is up
-- dead   collation -> when the last of its dead parts failed
-- The collation's own field "waiting" counts what is put off, and is there once anything was set aside.
local DEAD = 1e15
local FAILED_AT = 2 ^ 40
local STATE, GEN, LAST, RECEIVED, PROCESSED, FAILED, FIRST, MAX = 1, 2, 3, 4, 5, 6, 7, 8
local DEADLINE, WAITING, SIZE, HOLD = 9, 10, 11, 12
local OUTPUT, FAILURE, DEFERRED = 61, 33, 126 -- '=' '!' '~'
local WAITS, DIED = 119, 100 -- 'w' 'd'

local function read(collation)
  return redis.call('HMGET', collation, 'state', 'gen', 'last', 'received', 'processed', 'failed', 'first', 'max',
    'deadline', 'waiting', 'size', 'hold')
end

-- The same, once it was seen that results can be added: whatever is wrong with what is kept shows before anything
-- is taken from where it is.
local function examine(part)
  local state = read(part.collation)
  for field = LAST, SIZE do
    local needed = state[STATE] and (field == RECEIVED or field == FIRST or field == MAX or field == DEADLINE)
    if (needed or state[field]) and not tonumber(state[field]) then
      error('something kept of the resource is no number')
    end
  end
  redis.call('ZCARD', part.outputs)
  if part.delivery then
    redis.call('HLEN', part.delivery)
  end
  return state
end

local function is_open(state)
  return state[STATE] == 'collecting' or state[STATE] == 'closing'
end

-- Why a collation takes no result for this generation; nil while it does. At its deadline it does not, whether
-- or not somebody has looked by then.
local function closed_to(state, generation, now)
  if state[GEN] ~= generation then
    return 'STALE'
  end
  if not is_open(state) or now >= tonumber(state[DEADLINE]) then
    return 'TOO_LATE'
  end
end

-- Whether each part received has its result; one that failed has none while it is held for a retry.
local function is_settled(state)
  local failed = tonumber(state[FAILED] or 0)
  return tonumber(state[PROCESSED] or 0) + failed == tonumber(state[RECEIVED]) and not (failed > 0 and state[HOLD])
end

local function member_of(here, part)
  return here.flow .. ' ' .. part.generation .. ' ' .. part.resource
end

-- After anything changed in wakes.
local function reschedule(here, part)
  local member = member_of(here, part)
  local first = redis.call('ZRANGE', part.wakes, 0, 0, 'WITHSCORES')[2]
  local last = redis.call('ZRANGE', part.wakes, -1, -1, 'WITHSCORES')[2]
  if first and tonumber(first) < DEAD then
    redis.call('ZADD', here.wake, first, member)
  else
    redis.call('ZREM', here.wake, member)
  end
  if last and tonumber(last) >= DEAD then
    redis.call('ZADD', here.dead, last - DEAD, member)
  else
    redis.call('ZREM', here.dead, member)
  end
end

local function count_dead(here, change)
  redis.call('HINCRBY', here.meta, 'dead:' .. here.flow, change)
end

local function count_waiting(here, part, change)
  redis.call('HINCRBY', part.collation, 'waiting', change)
  redis.call('HINCRBY', here.meta, 'waiting:' .. here.flow, change)
end

-- Its collation has ended: nothing is awaited any more.
local function forget_aside(here, part, state)
  if state[WAITING] and part.wait then
    if tonumber(state[WAITING]) > 0 then
      count_waiting(here, part, -state[WAITING])
    end
    local dead = redis.call('ZCOUNT', part.wakes, DEAD, '+inf')
    if dead > 0 then
      count_dead(here, -dead)
    end
    redis.call('UNLINK', part.wait, part.wakes)
    redis.call('ZREM', here.wake, member_of(here, part))
    redis.call('ZREM', here.dead, member_of(here, part))
  end
end

-- Puts the delivery in flight here. That the collation has ended is written by who ended it.
local function begin_delivery(here, part, state)
  redis.call('HSET', part.delivery, 'flow', here.flow, 'resource', part.resource, 'gen', part.generation,
    'highest', state[MAX], 'bytes', state[SIZE] or 0, 'status', 'pending', 'attempts', 0, 'before', 0,
    'created', here.now)
  redis.call('SADD', here.flight, part.delivery_id)
  here.ended = (here.ended or 0) + 1
end

-- Whether a part has its result already: it may be completed while it is still in a journal.
local function has_result(part)
  return redis.call('ZCOUNT', part.outputs, part.index, part.index) > 0
    or redis.call('ZCOUNT', part.outputs, part.index + FAILED_AT, part.index + FAILED_AT) > 0
end

-- Adds a result ('=' JSON | '!' error) and ends the collation when nothing more can change.
-- Gives 'ADDED' | 'ENDED', and whether it is a failure.
local function add(here, part, output, state)
  local failed, processed = tonumber(state[FAILED] or 0), tonumber(state[PROCESSED] or 0)
  local last, received = tonumber(state[LAST] or -1), tonumber(state[RECEIVED])
  local size = tonumber(state[SIZE] or 0) + #output - 1
  if output:byte() ~= FAILURE and size > here.limit then
    output = '!the outputs of all parts together are larger than ' .. here.limit .. ' bytes'
  end
  local failure = output:byte() == FAILURE
  redis.call('ZADD', part.outputs, failure and part.index + FAILED_AT or part.index, part.index .. output)
  local fields = {'updated', here.now}
  if failure then
    failed = failed + 1
    state[FAILED] = failed
    fields[3], fields[4] = 'failed', failed
  else
    processed = processed + 1
    state[PROCESSED] = processed
    state[SIZE] = size
    fields[3], fields[4], fields[5], fields[6] = 'processed', processed, 'size', size
  end
  if here.single then
    fields[#fields + 1] = 'output'
    fields[#fields + 1] = output
  end
  local all = last >= 0 and received == last - state[FIRST] + 1
  local whole = (all or state[STATE] == 'closing') and is_settled(state)
  if whole then
    local n = #fields
    fields[n + 1], fields[n + 2] = 'state', all and failed == 0 and 'completed' or 'incomplete'
    fields[n + 3], fields[n + 4] = 'ended', here.now
    fields[n + 5], fields[n + 6] = 'delivery', part.delivery_id
  end
  redis.call('HSET', part.collation, unpack(fields))
  if whole then
    begin_delivery(here, part, state)
    forget_aside(here, part, state)
  end
  return whole and 'ENDED' or 'ADDED', failure
end

-- What whoever makes the delivery must know: the highest index, the size of all outputs, and the callback if it has one.
local function letter_of(part, state)
  return state[MAX] .. ' ' .. (state[SIZE] or 0) .. ' ' .. (redis.call('HGET', part.collation, 'callback') or '')
end

local function set_aside(here, part, record, score)
  redis.call('HSET', part.wait, part.index, record)
  redis.call('ZADD', part.wakes, score, part.index)
  reschedule(here, part)
end

-- A part that failed, and is held until somebody has it retried.
local function bury(here, part, body)
  redis.call('HINCRBY', part.collation, 'waiting', 0)
  set_aside(here, part, 'd' .. body, here.now + DEAD)
  count_dead(here, 1)
end

-- A part with whose collation something is wrong that is not the part's fault. It is no result: once somebody has
-- put that right, it can be retried.
local function bury_broken(here, part, body, problem)
  -- Frees nothing, but lets what follows run at maxmemory.
  redis.call('ZREM', here.dead, member_of(here, part))
  redis.call('HSET', part.wait, part.index, 'd' .. body,
    part.index .. '!', 'what is kept of its resource cannot be used: ' .. problem)
  redis.call('ZADD', part.wakes, here.now + DEAD, part.index)
  redis.call('ZADD', here.dead, here.now, member_of(here, part))
  count_dead(here, 1)
  attempt(redis.call, 'HINCRBY', part.collation, 'waiting', 0)
end

-- Takes what was set aside of a part away: it is in a journal or in the collation from here on.
local function take_back(here, part, kind)
  redis.call('HDEL', part.wait, part.index, part.index .. '!')
  redis.call('ZREM', part.wakes, part.index)
  if kind == WAITS then
    count_waiting(here, part, -1)
  elseif kind == DIED then
    local failed = redis.call('ZREMRANGEBYSCORE', part.outputs, part.index + FAILED_AT, part.index + FAILED_AT)
    if failed > 0 then
      redis.call('HINCRBY', part.collation, 'failed', -failed)
    end
    count_dead(here, -1)
  end
end

-- At the end of a call in which collations may have ended.
local function count_ended(here)
  if here.ended then
    redis.call('HINCRBY', here.meta, 'open:' .. here.flow, -here.ended)
    redis.call('HINCRBY', here.meta, 'undelivered:' .. here.flow, here.ended)
  end
end
