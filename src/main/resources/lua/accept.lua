-- Takes 1..n parts of one flow into this replica's journal, each at most once.
-- KEYS  1 replicas  2 journal of this replica  3 meta  4 recent of the flow  5 due
--       then per resource: collation
--       then per part, where it has it: digests, where not the collation but a chunk has them; idempotency key
-- ARGV  1 replica  2 not-after  3 flow  4 journal capacity  5 open capacity  6 first index
--       7 deadline ms  8 gap timeout ms  9 '1' single part  10 '1' callback required  11 '1' hold
--       12 capacity of parts that are put off  13 of dead parts  14 of outcomes that are not delivered
--       15 two bytes per part: which resource, from 0; what it has: 1 last flag + 2 callback + 4 chunk + 8 idempotency key
--       16 how many resources
--       then per resource: resource, generation if new
--       then per part: index, digest, body and, where it has it, callback
-- Gives {now, 'OK', per resource: its generation, per part: journal entry of one accepted | code of any other;
--       behind REPEATED the resource, if it may be another} | {now, 'EXPELLED' | 'LATE'}; each list is words between
--       spaces.
--
-- Parts are judged in the order in which they were sent. What is kept of a resource is read before the first of its
-- parts and written after the last, since most of what they cost otherwise is that.
-- The first write of an accepted part is XADD, which Redis refuses at maxmemory: then nothing is written.
-- BROKEN: somebody else wrote to the resource's keys, so that nothing can be taken for it.
-- A repeat is told by its digest and answered even when the resource has finished.
-- A collation stands in due from its first part, by its deadline; while the last part is in and others are
-- missing, by the gap timeout if that is sooner. From then on it takes nothing new, whether or not somebody has
-- looked by then.
local LAST, CALLBACK, CHUNK, IDEMPOTENT = 1, 2, 4, 8
local band, byte = bit.band, string.byte
local now = milliseconds()
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local now_text = text_of(now)
local journal, due = KEYS[2], KEYS[5]
local flow, first = ARGV[3], tonumber(ARGV[6])
local deadline, gap_end = now + ARGV[7], now + ARGV[8]
local single, callback_required = ARGV[9] == '1', ARGV[10] == '1'

local counts = call('HMGET', KEYS[3], 'journal:' .. flow, 'open:' .. flow, 'waiting:' .. flow, 'dead:' .. flow,
  'undelivered:' .. flow)
local too_many_aside = tonumber(counts[3] or 0) >= tonumber(ARGV[12]) or tonumber(counts[4] or 0) >= tonumber(ARGV[13])
local too_many_undelivered = tonumber(counts[5] or 0) >= tonumber(ARGV[14])
local may_open = too_many_undelivered and 0 or ARGV[5] - (counts[2] or 0)
-- What is begun is to be finished: the last tenth of the journal is for collations that are open already. One half
-- of which was turned away would soon be closed by its gap timeout, through no fault of its client.
local room = ARGV[4] - (counts[1] or 0)
local room_to_begin = single and room or room - math.floor(ARGV[4] / 10)
local accepted, opened = 0, 0
local resources = {}
-- The id of a single part's resource is of our own making, and new: one command tells so of all.
local all_new = single and call('EXISTS', unpack(KEYS, 6, 5 + ARGV[16])) == 0
-- By key, each the command that adds to it.
local chunks = {}

-- Whether something that is kept can stand in a list of words: another may have written it.
local function is_word(text)
  return text and text ~= '' and not text:find('%s')
end

-- A resource: what is kept of it, as the parts before in this call leave it, and what of that is to be written.
local function read(collation, resource, generation)
  local kept = all_new and {}
    or call('HMGET', collation, 'state', 'gen', 'last', 'max', 'received', 'callback', 'deadline')
  local state, last, max, received = kept[1], tonumber(kept[3] or -1), tonumber(kept[4] or -1), tonumber(kept[5] or 0)
  local ends = not state and deadline or tonumber(kept[7])
  local garbled = state and not (is_word(kept[2]) and is_whole(last, INTEGER) and is_whole(max, INTEGER)
    and is_whole(received, INTEGER) and is_whole(ends, LONG))
  generation = not garbled and kept[2] or generation
  local member = flow .. ' ' .. generation .. ' ' .. resource
  -- With all its fields from the first: a table that grows is made anew time and again.
  return {collation = collation, resource = resource, generation = generation, member = member,
    state = state, callback = kept[6], last = last, max = max, received = received, deadline = ends, garbled = garbled,
    due = state == 'collecting' and not garbled and last >= 0 and tonumber(call('ZSCORE', due, member)),
    -- Beyond it no digest can be kept.
    highest_kept = not state and -1 or kept[4] and not garbled and max or math.huge,
    taken = {}, fields = false, chunks = false, is_new = false, due_changed = false, callback_changed = false,
    max_index = false, last_index = false, idempotency = false}
end

-- The digest that is kept of an index, if any, and what is kept of an idempotency key. What cannot be used shows here,
-- before anything is written.
local function look(group, index, number, chunk, idempotency)
  local digest = group.taken[index]
  if not digest and number <= group.highest_kept then
    digest = call('HGET', chunk and chunk[2] or group.collation, index)
  elseif chunk and not chunk.usable then
    call('HLEN', chunk[2])
    chunk.usable = true
  end
  return {digest, idempotency and call('GET', idempotency)}
end

-- Why a part is not accepted; nil when it is.
local function refusal_of(group, number, known, digest, last_flag, callback)
  local state, last = group.state, group.last
  if known then
    return known == digest and 'REPEATED' or 'CONTENT_CONFLICT'
  elseif state and state ~= 'collecting' then
    return 'RESOURCE_FINISHED'
  elseif group.garbled then
    return 'BROKEN'
  elseif state and (now >= group.deadline or (last >= 0 and group.due and group.due <= now)) then
    return 'RESOURCE_FINISHED'
  elseif last >= 0 and number > last then
    return 'INDEX_BEYOND_LAST'
  elseif last_flag and (last >= 0 or number < group.max) then
    return 'LAST_CONFLICT'
  elseif callback and group.callback and group.callback ~= callback then
    return 'CONTENT_CONFLICT'
  elseif callback_required and not callback and not group.callback then
    return 'NO_WEBHOOK'
  elseif too_many_aside or (not state and opened >= may_open) then
    return 'HELD_UP'
  elseif accepted >= (state and room or room_to_begin) then
    return 'OVER_CAPACITY'
  end
end

-- What of a resource's collation is to be written besides what is known only at the end.
local function begin(group)
  if group.state then
    return {'HSET', group.collation, 'received', '', 'updated', now_text}
  end
  opened = opened + 1
  group.state, group.is_new, group.due, group.due_changed = 'collecting', true, deadline, true
  local fields = {'HSET', group.collation, 'received', '', 'updated', now_text, 'state', 'collecting',
    'gen', group.generation, 'first', ARGV[6], 'created', now_text, 'deadline', text_of(deadline)}
  if ARGV[11] == '1' then
    fields[17], fields[18] = 'hold', '1'
  end
  return fields
end

local function accept(group, index, number, digest, last_flag, callback, chunk, body)
  local entry = call('XADD', journal, '*',
    'f', flow, 'r', group.resource, 'g', group.generation, 'i', index, 'm', '0', 'b', body)
  group.fields = group.fields or begin(group)
  local received = group.received + 1
  group.received, group.taken[index] = received, digest
  accepted = accepted + 1
  if callback then
    group.callback, group.callback_changed = callback, not group.callback or group.callback_changed
  end
  if number > group.max then
    group.max, group.max_index = number, index
  end
  if last_flag then
    group.last, group.last_index = number, index
  end
  local fields = chunk or group.fields
  local n = #fields
  fields[n + 1], fields[n + 2] = index, digest
  if chunk and n == 2 then
    group.chunks = group.chunks or {}
    group.chunks[#group.chunks + 1] = chunk
  end
  if single then
    fields[n + 3], fields[n + 4] = 'request', body
  end
  if group.last >= 0 then
    local expected = group.last - first + 1
    if last_flag and received < expected then
      group.due, group.due_changed = math.min(group.deadline, gap_end), true
    elseif not last_flag and received == expected then
      group.due, group.due_changed = group.deadline, true
    end
  end
  return entry
end

-- Of all resources at once: a command costs more than what it does.
local function write_when_due()
  local changed = {'ZADD', due}
  for _, group in ipairs(resources) do
    if group and group.due_changed then
      changed[#changed + 1], changed[#changed + 2] = text_of(group.due), group.member
    end
  end
  if #changed > 2 then
    call(unpack(changed))
  end
end

local function list_new()
  local begun = {'ZADD', KEYS[4]}
  for _, group in ipairs(resources) do
    if group and group.is_new then
      begun[#begun + 1], begun[#begun + 2] = now_text, group.resource
    end
  end
  if #begun > 2 then
    call(unpack(begun))
  end
end

-- What can fail comes first: a digest of a part that was not taken would pass for one that was.
local function write(group)
  for _, chunk in ipairs(group.chunks or {}) do
    call(unpack(chunk))
  end
  local fields = group.fields
  fields[4] = text_of(group.received)
  local n = #fields
  if group.max_index then
    fields[n + 1], fields[n + 2] = 'max', group.max_index
    n = n + 2
  end
  if group.last_index then
    fields[n + 1], fields[n + 2] = 'last', group.last_index
    n = n + 2
  end
  if group.callback_changed then
    fields[n + 1], fields[n + 2] = 'callback', group.callback
  end
  call(unpack(fields))
end

local generations = {}
local key, arg = 6, 17
for i = 1, ARGV[16] do
  -- False is one of which nothing can be used.
  local usable, resource = attempt(read, KEYS[key], ARGV[arg], ARGV[arg + 1])
  resources[i], generations[i] = usable and resource, usable and resource.generation or ARGV[arg + 1]
  key, arg = key + 1, arg + 2
end

local parts, answers = ARGV[15], {}
for i = 1, #parts / 2 do
  local which, has = byte(parts, 2 * i - 1, 2 * i)
  local group, index, digest, body = resources[which + 1], ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  local last_flag, callback, chunk, idempotency = false, nil, nil, nil
  arg = arg + 3
  if has ~= 0 then
    last_flag = band(has, LAST) ~= 0
    if band(has, CALLBACK) ~= 0 then
      callback, arg = ARGV[arg], arg + 1
    end
    if band(has, CHUNK) ~= 0 then
      chunk, key = KEYS[key], key + 1
      chunks[chunk] = chunks[chunk] or {'HSET', chunk}
      chunk = chunks[chunk]
    end
    if band(has, IDEMPOTENT) ~= 0 then
      idempotency, key = KEYS[key], key + 1
    end
  end

  local number, usable, known, used = tonumber(index), group and true, nil, nil
  if group and (number <= group.highest_kept or chunk or idempotency) then
    usable, known = attempt(look, group, index, number, chunk, idempotency)
    if usable then
      known, used = known[1], known[2]
    end
  elseif group then
    known = group.taken[index]
  end
  if not usable then
    answers[i] = 'BROKEN'
  elseif used then
    -- What is kept is the digest, a space, the resource.
    local resource = used:sub(#digest + 2)
    answers[i] = used:sub(1, #digest + 1) ~= digest .. ' ' and 'IDEMPOTENCY_CONFLICT'
      or is_word(resource) and 'REPEATED:' .. resource or 'BROKEN'
  else
    local refused_as = refusal_of(group, number, known, digest, last_flag, callback)
    answers[i] = refused_as or accept(group, index, number, digest, last_flag, callback, chunk, body)
    if idempotency and not refused_as then
      -- At once: another part of this call may have the same.
      call('SET', idempotency, digest .. ' ' .. group.resource, 'PX', 86400000)
      group.idempotency = idempotency
    end
  end
end

local dues_written, new_listed = attempt(write_when_due), attempt(list_new)
local function written(group)
  return (dues_written or not group.due_changed) and (new_listed or not group.is_new) and attempt(write, group)
end
for i, group in ipairs(resources) do
  if group and group.fields and not written(group) then
    for part = 1, #parts / 2 do
      if byte(parts, 2 * part - 1) == i - 1 then
        accepted = accepted - call('XDEL', journal, answers[part]:match('^%d+-%d+$') or '0-0')
        answers[part] = 'BROKEN'
      elseif answers[part] == 'REPEATED:' .. group.resource then
        answers[part] = 'BROKEN'
      end
    end
    -- Neither may stay behind of what was not taken.
    if group.idempotency then
      call('DEL', group.idempotency)
    end
    if group.is_new then
      attempt(call, 'ZREM', due, group.member)
    end
    opened = opened - (group.is_new and 1 or 0)
  end
end

if accepted > 0 then
  call('HINCRBY', KEYS[3], 'journal:' .. flow, accepted)
end
if opened > 0 then
  call('HINCRBY', KEYS[3], 'open:' .. flow, opened)
end
return {now, 'OK', table.concat(generations, ' '), table.concat(answers, ' ')}
