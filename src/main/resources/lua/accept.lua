-- Takes 1..n parts of one flow into this replica's journal, each at most once.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 recent of the flow
--       then per part: collation, digests (the collation itself for the first indices, else a chunk)
-- ARGV  1 replica  2 not-after  3 flow  4 journal capacity  5 open capacity  6 first index
--       then per part: resource, index, last flag, digest, generation if new, body
-- Gives {now, 'OK', per part: code, generation, journal entry} | {now, 'EXPELLED' | 'LATE'}.
--
-- The first write of an accepted part is XADD, which Redis refuses at maxmemory: then nothing is written.
-- A repeat is told by its digest and answered even when the resource has finished.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, flow, first = ARGV[1], ARGV[3], tonumber(ARGV[6])

if now > tonumber(ARGV[2]) then
  return {now, 'LATE'}
end
local beat = redis.call('ZSCORE', KEYS[1], me)
if not beat or tonumber(beat) == 0 then
  return {now, 'EXPELLED'}
end

local counts = redis.call('HMGET', KEYS[3], 'journal:' .. flow, 'open:' .. flow)
local journalled, open = tonumber(counts[1] or 0), tonumber(counts[2] or 0)
local accepted, opened = 0, 0
local reply = {now, 'OK'}

local function refuse(code)
  reply[#reply + 1] = code
  reply[#reply + 1] = ''
  reply[#reply + 1] = ''
end

local arg = 7
for key = 5, #KEYS, 2 do
  local collation, digests = KEYS[key], KEYS[key + 1]
  local resource, index, flag = ARGV[arg], tonumber(ARGV[arg + 1]), ARGV[arg + 2] == '1'
  local digest, generation, body = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
  arg = arg + 6

  local state = redis.call('HMGET', collation, 'state', 'gen', 'last', 'max', 'received', index)
  local known = state[6]
  if digests ~= collation then
    known = state[1] and redis.call('HGET', digests, index)
  end
  local last, max = tonumber(state[3] or -1), tonumber(state[4] or -1)

  if known then
    refuse(known == digest and 'REPEATED' or 'CONTENT_CONFLICT')
  elseif state[1] and state[1] ~= 'collecting' then
    refuse('RESOURCE_FINISHED')
  elseif last >= 0 and index > last then
    refuse('INDEX_BEYOND_LAST')
  elseif flag and (last >= 0 or index < max) then
    refuse('LAST_CONFLICT')
  elseif journalled + accepted >= tonumber(ARGV[4]) or (not state[1] and open + opened >= tonumber(ARGV[5])) then
    refuse('OVER_CAPACITY')
  else
    if state[1] then
      generation = state[2]
    end
    local entry = redis.call('XADD', KEYS[2], '*',
      'f', flow, 'r', resource, 'g', generation, 'i', index, 'm', 0, 'b', body)
    local fields = {'received', tonumber(state[5] or 0) + 1, 'updated', now}
    local function set(field, value)
      fields[#fields + 1] = field
      fields[#fields + 1] = value
    end
    if not state[1] then
      set('state', 'collecting')
      set('gen', generation)
      set('first', first)
      set('created', now)
      redis.call('ZADD', KEYS[4], now, resource)
      opened = opened + 1
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
    accepted = accepted + 1
    reply[#reply + 1] = 'ACCEPTED'
    reply[#reply + 1] = generation
    reply[#reply + 1] = entry
  end
end

if accepted > 0 then
  redis.call('HINCRBY', KEYS[3], 'journal:' .. flow, accepted)
end
if opened > 0 then
  redis.call('HINCRBY', KEYS[3], 'open:' .. flow, opened)
end
return reply
