-- What the scripts share that add results to collations and end them; it stands before their own text.
--
-- A part is a table of its keys (collation, outputs, delivery, wait, wakes) and its name (resource, generation,
-- index, delivery_id); wait and wakes are there only in flows that keep parts aside. What a call has in common is
-- in "here": now, flow, single, limit of output bytes, whether it is known that none of the deliveries is there, and the
-- keys replicas, meta, flight, wake and dead.
--
-- outputs index -> output; failures stand behind all outputs, by index too, so that they can be read alone. The output of
--        a single part stands in its collation, in the field "output", and not here; of a delivery that such an output
--        ended the field "bare" says that there is nothing here
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
local DEADLINE, WAITING, SIZE, HOLD, CALLBACK, CREATED = 9, 10, 11, 12, 13, 14
local byte = string.byte
local OUTPUT, FAILURE, DEFERRED = 61, 33, 126 -- '=' '!' '~'
local WAITS, DIED = 119, 100 -- 'w' 'd'

-- The fields in the order of the constants; what should be a number is one, if it can be.
local function read(collation)
  local state = call('HMGET', collation, 'state', 'gen', 'last', 'received', 'processed', 'failed', 'first', 'max',
    'deadline', 'waiting', 'size', 'hold', 'callback', 'created')
  for field = LAST, SIZE do
    state[field] = tonumber(state[field]) or state[field]
  end
  return state
end

-- Whether a result goes into its collation, and not among the outputs, as one does that is too large.
local function stands_in_collation(here, result)
  return here.single and byte(result) == OUTPUT and #result - 1 <= here.limit
end

-- The same, once it was seen that results can be added, and this one, if one is given: whatever is wrong with what is
-- kept shows before anything is taken from where it is.
local function examine(here, part, result)
  local state = read(part.collation)
  for field = LAST, SIZE do
    local needed = state[STATE] and (field == RECEIVED or field == FIRST or field == MAX or field == DEADLINE)
    if (needed or state[field]) and not is_whole(state[field], field <= MAX and INTEGER or LONG) then
      error('something kept of the resource is no whole number, or too large a one')
    end
  end
  if not (result and stands_in_collation(here, result)) then
    call('ZCARD', part.outputs)
  end
  if part.delivery and not here.none_begun then
    call('HLEN', part.delivery)
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
  if not is_open(state) or now >= state[DEADLINE] then
    return 'TOO_LATE'
  end
end

-- Whether each part received has its result; one that failed has none while it is held for a retry.
local function is_settled(state)
  local failed = state[FAILED] or 0
  return (state[PROCESSED] or 0) + failed == state[RECEIVED] and not (failed > 0 and state[HOLD])
end

local function member_of(here, part)
  return here.flow .. ' ' .. part.generation .. ' ' .. part.resource
end

-- After anything changed in wakes.
local function reschedule(here, part)
  local member = member_of(here, part)
  local first = call('ZRANGE', part.wakes, 0, 0, 'WITHSCORES')[2]
  local last = call('ZRANGE', part.wakes, -1, -1, 'WITHSCORES')[2]
  if first and tonumber(first) < DEAD then
    call('ZADD', here.wake, first, member)
  else
    call('ZREM', here.wake, member)
  end
  if last and tonumber(last) >= DEAD then
    call('ZADD', here.dead, last - DEAD, member)
  else
    call('ZREM', here.dead, member)
  end
end

local function count_dead(here, change)
  call('HINCRBY', here.meta, 'dead:' .. here.flow, change)
end

local function count_waiting(here, part, change)
  call('HINCRBY', part.collation, 'waiting', change)
  call('HINCRBY', here.meta, 'waiting:' .. here.flow, change)
end

-- Its collation has ended: nothing is awaited any more.
local function forget_aside(here, part, state)
  if state[WAITING] and part.wait then
    if state[WAITING] > 0 then
      count_waiting(here, part, -state[WAITING])
    end
    local dead = call('ZCOUNT', part.wakes, DEAD, '+inf')
    if dead > 0 then
      count_dead(here, -dead)
    end
    call('UNLINK', part.wait, part.wakes)
    call('ZREM', here.wake, member_of(here, part))
    call('ZREM', here.dead, member_of(here, part))
  end
end

-- Begins the delivery; put_in_flight is to follow. That the collation has ended is written by who ended it.
local function begin_delivery(here, part, state)
  local fields = {'HSET', part.delivery, 'flow', here.flow, 'resource', part.resource, 'gen', part.generation,
    'highest', text_of(state[MAX]), 'bytes', text_of(state[SIZE] or 0), 'status', 'pending', 'attempts', '0',
    'before', '0', 'created', text_of(here.now)}
  if here.single and (state[FAILED] or 0) == 0 then
    fields[#fields + 1], fields[#fields + 2] = 'bare', '1'
  end
  call(unpack(fields))
  here.begun = here.begun or {'SADD', here.flight}
  here.begun[#here.begun + 1] = part.delivery_id
end

-- Whether a part has its result already: it may be completed while it is still in a journal.
local function has_result(here, part, state)
  return here.single and (state[PROCESSED] or 0) > 0
    or call('ZCOUNT', part.outputs, part.index, part.index) > 0
    or call('ZCOUNT', part.outputs, part.index + FAILED_AT, part.index + FAILED_AT) > 0
end

-- Adds a result ('=' JSON | '!' error) to a collation's state as it was read; it ends when nothing more can change. What
-- is new stands in the state until it is written.
-- Gives 'ADDED' | 'ENDED', and whether it is a failure.
local function gather(here, part, output, state)
  local index, size, failure = part.index, (state[SIZE] or 0) + #output - 1, byte(output) == FAILURE
  if size > here.limit and not failure then
    output = '!the outputs of all parts together are larger than ' .. here.limit .. ' bytes'
    failure = true
  end
  local members = state.members
  if not members then
    members = {'ZADD', part.outputs}
    state.members = members
  end
  if not stands_in_collation(here, output) then
    local n = #members
    members[n + 1], members[n + 2] = failure and index + FAILED_AT or index, index .. output
  end
  state.output = output
  if failure then
    state[FAILED] = (state[FAILED] or 0) + 1
  else
    state[PROCESSED], state[SIZE] = (state[PROCESSED] or 0) + 1, size
  end
  local last = state[LAST]
  local all = last and state[RECEIVED] == last - state[FIRST] + 1
  if (all or state[STATE] == 'closing') and is_settled(state) then
    state[STATE] = all and (state[FAILED] or 0) == 0 and 'completed' or 'incomplete'
    return 'ENDED', failure
  end
  return 'ADDED', failure
end

-- Writes what was gathered, if anything was, and begins the delivery if that ended the collation.
local function write(here, part, state)
  if not state.members then
    return
  end
  local now = text_of(here.now)
  local fields = {'HSET', part.collation, 'updated', now}
  local n = 4
  if state[PROCESSED] then
    fields[5], fields[6], fields[7], fields[8] = 'processed', text_of(state[PROCESSED]), 'size', text_of(state[SIZE] or 0)
    n = 8
  end
  if state[FAILED] then
    fields[n + 1], fields[n + 2] = 'failed', text_of(state[FAILED])
    n = n + 2
  end
  if here.single then
    fields[n + 1], fields[n + 2] = 'output', state.output
    n = n + 2
  end
  local ended = not is_open(state)
  if ended then
    fields[n + 1], fields[n + 2], fields[n + 3], fields[n + 4] = 'state', state[STATE], 'ended', now
    fields[n + 5], fields[n + 6] = 'delivery', part.delivery_id
  end
  if #state.members > 2 then
    call(unpack(state.members))
  end
  call(unpack(fields))
  state.members = nil
  if ended then
    begin_delivery(here, part, state)
    forget_aside(here, part, state)
  end
end

local function add(here, part, output, state)
  local outcome, failure = gather(here, part, output, state)
  write(here, part, state)
  return outcome, failure
end

-- What whoever makes the delivery must know: the highest index, the size of all outputs, and the callback if it has one.
local function letter_of(state)
  return text_of(state[MAX]) .. ' ' .. text_of(state[SIZE] or 0) .. ' ' .. (state[CALLBACK] or '')
end

local function set_aside(here, part, record, score)
  call('HSET', part.wait, part.index, record)
  call('ZADD', part.wakes, score, part.index)
  reschedule(here, part)
end

-- A part that failed, and is held until somebody has it retried.
local function bury(here, part, body)
  call('HINCRBY', part.collation, 'waiting', 0)
  set_aside(here, part, 'd' .. body, here.now + DEAD)
  count_dead(here, 1)
end

-- A part with whose collation something is wrong that is not the part's fault. It is no result: once somebody has
-- put that right, it can be retried.
local function bury_broken(here, part, body, problem)
  -- Frees nothing, but lets what follows run at maxmemory.
  call('ZREM', here.dead, member_of(here, part))
  call('HSET', part.wait, part.index, 'd' .. body,
    part.index .. '!', 'what is kept of its resource cannot be used: ' .. problem)
  call('ZADD', part.wakes, here.now + DEAD, part.index)
  call('ZADD', here.dead, here.now, member_of(here, part))
  count_dead(here, 1)
  attempt(call, 'HINCRBY', part.collation, 'waiting', 0)
end

-- Takes what was set aside of a part away: it is in a journal or in the collation from here on.
local function take_back(here, part, kind)
  call('HDEL', part.wait, part.index, part.index .. '!')
  call('ZREM', part.wakes, part.index)
  if kind == WAITS then
    count_waiting(here, part, -1)
  elseif kind == DIED then
    local failed = call('ZREMRANGEBYSCORE', part.outputs, part.index + FAILED_AT, part.index + FAILED_AT)
    if failed > 0 then
      call('HINCRBY', part.collation, 'failed', -failed)
    end
    count_dead(here, -1)
  end
end

-- Puts what was begun in this call in flight here, before anything else that can fail: nobody finds it otherwise.
local function put_in_flight(here)
  if here.begun then
    call(unpack(here.begun))
  end
end

-- At the end of a call in which collations may have ended.
local function count_ended(here)
  local begun = here.begun
  if begun then
    call('HINCRBY', here.meta, 'open:' .. here.flow, 2 - #begun)
    call('HINCRBY', here.meta, 'undelivered:' .. here.flow, #begun - 2)
  end
end
