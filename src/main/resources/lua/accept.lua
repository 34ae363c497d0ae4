-- Takes 1..n parts of one flow into this replica's journal, each at most once.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 recent of the flow  5 due
--       then per part: collation, digests (the collation itself for the first indices, else a chunk),
--       idempotency key (the collation itself where there is none)
-- ARGV  1 replica  2 not-after  3 flow  4 journal capacity  5 open capacity  6 first index
--       7 deadline ms  8 gap timeout ms  9 '1' single part  10 '1' callback required  11 '1' hold
--       12 capacity of parts that are put off  13 of dead parts  14 of outcomes that are not delivered
--       then per part: resource, index, last flag, digest, generation if new, body, callback or ''
-- Gives {now, 'OK', per part: code, generation, journal entry; the resource for REPEATED} |
--       {now, 'EXPELLED' | 'LATE'}.
--
-- The first write of an accepted part is XADD, which Redis refuses at maxmemory: then nothing is written.
-- BROKEN: somebody else wrote to the resource's keys, so that nothing can be taken for it.
-- A repeat is told by its digest and answered even when the resource has finished.
-- A collation stands in due from its first part, by its deadline; while the last part is in and others are
-- missing, by the gap timeout if that is sooner. From then on it takes nothing new, whether or not somebody has
-- looked by then.
local now = milliseconds()
local flow, first = ARGV[3], tonumber(ARGV[6])
local deadline_in, gap_in, single = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local counts = redis.call('HMGET', KEYS[3], 'journal:' .. flow, 'open:' .. flow, 'waiting:' .. flow, 'dead:' .. flow,
  'undelivered:' .. flow)
local journalled, open = tonumber(counts[1] or 0), tonumber(counts[2] or 0)
local too_many_aside = tonumber(counts[3] or 0) >= tonumber(ARGV[12]) or tonumber(counts[4] or 0) >= tonumber(ARGV[13])
local too_many_undelivered = tonumber(counts[5] or 0) >= tonumber(ARGV[14])
local accepted, opened = 0, 0
local entry
local reply = {now, 'OK'}

local function answer(code, generation, entry)
  reply[#reply + 1] = code
  reply[#reply + 1] = generation or ''
  reply[#reply + 1] = entry or ''
end

-- What is begun is to be finished: the last tenth of the journal is for collations that are open already. One half
-- of which was turned away would soon be closed by its gap timeout, through no fault of its client.
local function room_for(begun)
  local capacity = tonumber(ARGV[4])
  return (begun or single) and capacity or capacity - math.floor(capacity / 10)
end

-- Whether a collation that is collecting should have been closed by now.
local function is_overdue(state, last, member)
  if now >= tonumber(state[8]) then
    return true
  end
  local due = last >= 0 and redis.call('ZSCORE', KEYS[5], member)
  return due and tonumber(due) <= now
end

local function take(key, arg)
  local collation, digests, idempotency = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local resource, index, flag = ARGV[arg], tonumber(ARGV[arg + 1]), ARGV[arg + 2] == '1'
  local digest, generation, body, callback = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5], ARGV[arg + 6]

  local state = redis.call('HMGET', collation,
    'state', 'gen', 'last', 'max', 'received', index, 'callback', 'deadline')
  local known = state[6]
  if digests ~= collation then
    known = redis.call('HGET', digests, index) and state[1] and redis.call('HGET', digests, index)
  end
  local used = idempotency ~= collation and redis.call('GET', idempotency)
  local last, max = tonumber(state[3] or -1), tonumber(state[4] or -1)
  local member = flow .. ' ' .. (state[2] or generation) .. ' ' .. resource

  if used then
    -- What is kept is the digest, a space, the resource.
    if used:sub(1, #digest + 1) == digest .. ' ' then
      answer('REPEATED', used:sub(#digest + 2))
    else
      answer('IDEMPOTENCY_CONFLICT')
    end
  elseif known then
    if known == digest then
      answer('REPEATED', resource)
    else
      answer('CONTENT_CONFLICT')
    end
  elseif state[1] and (state[1] ~= 'collecting' or is_overdue(state, last, member)) then
    answer('RESOURCE_FINISHED')
  elseif last >= 0 and index > last then
    answer('INDEX_BEYOND_LAST')
  elseif flag and (last >= 0 or index < max) then
    answer('LAST_CONFLICT')
  elseif callback ~= '' and state[7] and state[7] ~= callback then
    answer('CONTENT_CONFLICT')
  elseif ARGV[10] == '1' and callback == '' and not state[7] then
    answer('NO_WEBHOOK')
  elseif too_many_aside
    or (not state[1] and (too_many_undelivered or open + opened >= tonumber(ARGV[5]))) then
    answer('HELD_UP')
  elseif journalled + accepted >= room_for(state[1]) then
    answer('OVER_CAPACITY')
  else
    if state[1] then
      generation = state[2]
    end
    entry = redis.call('XADD', KEYS[2], '*',
      'f', flow, 'r', resource, 'g', generation, 'i', index, 'm', 0, 'b', body)
    local received, deadline = tonumber(state[5] or 0) + 1, tonumber(state[8] or now + deadline_in)
    local fields = {'received', received, 'updated', now}
    local function set(field, value)
      fields[#fields + 1] = field
      fields[#fields + 1] = value
    end
    if not state[1] then
      set('state', 'collecting')
      set('gen', generation)
      set('first', first)
      set('created', now)
      set('deadline', deadline)
      if ARGV[11] == '1' then
        set('hold', 1)
      end
      if single then
        set('request', body)
      end
    end
    if callback ~= '' and not state[7] then
      set('callback', callback)
    end
    if index > max then
      set('max', index)
    end
    if flag then
      set('last', index)
    end
    if digests == collation then
      set(index, digest)
    else
      redis.call('HSET', digests, index, digest)
    end
    redis.call('HSET', collation, unpack(fields))
    if idempotency ~= collation then
      redis.call('SET', idempotency, digest .. ' ' .. resource, 'PX', 86400000)
    end

    local expected = (flag and index or last) - first + 1
    if flag and received < expected then
      redis.call('ZADD', KEYS[5], math.min(deadline, now + gap_in), member)
    elseif not state[1] or (last >= 0 and received == expected) then
      redis.call('ZADD', KEYS[5], deadline, member)
    end
    accepted = accepted + 1
    if not state[1] then
      redis.call('ZADD', KEYS[4], now, resource)
      opened = opened + 1
    end
    answer('ACCEPTED', generation, entry)
  end
end

local arg = 15
for key = 6, #KEYS, 3 do
  entry = nil
  local done = attempt(take, key, arg)
  if not done then
    if entry then
      redis.call('XDEL', KEYS[2], entry)
    end
    answer('BROKEN')
  end
  arg = arg + 7
end

if accepted > 0 then
  redis.call('HINCRBY', KEYS[3], 'journal:' .. flow, accepted)
end
if opened > 0 then
  redis.call('HINCRBY', KEYS[3], 'open:' .. flow, opened)
end
return reply
