-- Writes down what came of 1..n turns at deliveries.
-- KEYS  1 deliveries in flight at this replica  2 outbox  3 due  4 meta  5 dead letters
--       then per delivery: delivery, collation, and n further keys of the resource
-- ARGV  1 retention ms  2 retention of dead letters ms
--       then per delivery: id, 'delivered' | 'failed' | 'dead' | 'postponed', wait before the next ms, the attempt as it
--       is logged; of one that is postponed how long after it was begun it is dead instead, ms; error, member of due, n
-- Gives {now, per delivery: 1 settled | 0 not ours to settle, or what is kept of it cannot be used}.
--
-- A 2xx settles whoever reports it, dead or not: the receiver has it, and no later failure can take that back. Anything
-- else counts only from the present owner, who holds it in flight; taken over meanwhile, it is the other's to judge.
-- The log keeps the last 20 attempts, each in the field of its number modulo 20, behind that number and when the
-- one after it is due.
local KEPT = 20
local now = milliseconds()
local now_text = text_of(now)
local retention, dead_retention = tonumber(ARGV[1]), tonumber(ARGV[2])
local reply, delivered, dues = {now}, {}, {'ZADD', KEYS[3]}
-- By id, while nobody has settled it.
local owned_here = {}

-- What is written down of an attempt.
local function log(fields, number, next_attempt, logged, problem)
  fields[3], fields[4], fields[5] = 'attempts', text_of(number), 'l' .. text_of(number % KEPT)
  fields[6] = text_of(number) .. '\t' .. text_of(next_attempt) .. '\t' .. logged
  if problem ~= '' then
    fields[7], fields[8] = 'error', problem
  end
end

-- It is over: all its keys go together, later. What PEXPIRE does an hour after that is only a backstop, and what it answers
-- tells whether the collation is there, where that is not known. Of a life whose collation is gone the rest is to go all
-- the same.
local function finish(key, fields, is_present, status, how, after, member, others)
  local backstop = text_of(after + 3600000)
  if is_present ~= false then
    is_present = call('PEXPIRE', KEYS[key + 1], backstop) == 1
  end
  if is_present then
    call('HSET', KEYS[key + 1], how, now_text)
    for k = key + 2, key + 1 + others do
      call('PEXPIRE', KEYS[k], backstop)
    end
  end
  local n = #fields
  fields[n + 1], fields[n + 2], fields[n + 3], fields[n + 4] = 'status', status, how, now_text
  call(unpack(fields))
  call('PEXPIRE', KEYS[key], backstop)
  dues[#dues + 1], dues[#dues + 2] = text_of(now + after), member
end

-- The collation's key may lead another life, if somebody took it away.
local function is_of_its_life(collation, member)
  return call('HGET', collation, 'gen') == member:match('^%S+ (%S+)')
end

-- What can fail comes before anything that is written of the delivery, and what all share before what is its own. The id of
-- a single part lives once: nothing is asked of its collation where all is as it nearly always is. Something else in its
-- place gets the backstop then, before it turns out to be none.
local function settle(arg, key)
  local delivery, collation = KEYS[key], KEYS[key + 1]
  local id, result, wait = ARGV[arg], ARGV[arg + 1], tonumber(ARGV[arg + 2])
  local logged, problem, member = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]

  local kept = call('HMGET', delivery, 'status', 'attempts', 'before', 'died', 'begun', 'created', 'bare')
  local status, number = kept[1], (kept[2] or 0) + 1
  local others = kept[7] and 0 or tonumber(ARGV[arg + 6])
  local fields = {'HSET', delivery}

  local owned = owned_here[id]
  owned_here[id] = nil
  if result == 'delivered' and (status == 'pending' or status == 'dead') then
    log(fields, number, 0, logged, problem)
    local is_present
    local is_plain = kept[7] and owned and status == 'pending' and not kept[4] and not kept[5]
    if not is_plain then
      is_present = is_of_its_life(collation, member)
      if not owned or kept[5] then
        -- Begun again, or postponed, while this attempt was made, it may wait there.
        call('ZREM', KEYS[2], id)
      end
      if status == 'dead' or kept[4] then
        call('ZREM', KEYS[5], id)
        call('HDEL', delivery, 'died')
        if is_present then
          call('HDEL', collation, 'died')
        end
      end
    end
    finish(key, fields, is_present, 'delivered', 'delivered', retention, member, others)
    -- A version before counted in another place.
    local count = kept[3] and 'undelivered:' .. member:match('^%S+') or 'pending'
    delivered[count] = (delivered[count] or 0) + 1
    return 1
  elseif status ~= 'pending' or not owned then
    return 0
  end
  local over = result == 'postponed' and now - (kept[5] or kept[6] or now) > tonumber(logged)
  if result == 'dead' or over then
    if over then
      fields[3], fields[4] = 'error', problem
    else
      log(fields, number, 0, logged, problem)
    end
    local is_present = is_of_its_life(collation, member)
    -- Begun again while this attempt was made, it may wait there.
    call('ZREM', KEYS[2], id)
    call('ZADD', KEYS[5], now_text, id)
    finish(key, fields, is_present, 'dead', 'died', dead_retention, member, others)
  else
    if result == 'failed' then
      log(fields, number, now + wait, logged, problem)
    end
    call('ZADD', KEYS[2], text_of(now + wait), id)
    if result == 'failed' then
      call(unpack(fields))
    end
  end
  return 1
end

-- Of all at once: a command costs more than what it does.
local function take_out_of_flight()
  local ids = {}
  local arg, key = 3, 6
  while key <= #KEYS do
    ids[#ids + 1] = ARGV[arg]
    key = key + 2 + ARGV[arg + 6]
    arg = arg + 7
  end
  local present = call('SMISMEMBER', KEYS[1], unpack(ids))
  for i, id in ipairs(ids) do
    owned_here[id] = present[i] == 1 or nil
  end
  call('SREM', KEYS[1], unpack(ids))
end

-- Whatever is wrong with them shows before anything is written.
call('ZCARD', KEYS[3])
call('HLEN', KEYS[4])
take_out_of_flight()
local arg, key = 3, 6
while key <= #KEYS do
  local id = ARGV[arg]
  local owned = owned_here[id]
  local done, settled = attempt(settle, arg, key)
  if not done and owned then
    -- It stays where it was.
    call('SADD', KEYS[1], id)
  end
  reply[#reply + 1] = done and settled or 0
  key = key + 2 + ARGV[arg + 6]
  arg = arg + 7
end
if #dues > 2 then
  call(unpack(dues))
end
for count, how_many in pairs(delivered) do
  call('HINCRBY', KEYS[4], count, -how_many)
end
return reply
