-- Writes down what came of 1..n turns at deliveries.
-- KEYS  1 deliveries in flight at this replica  2 outbox  3 due  4 meta  5 dead letters
--       then per delivery: delivery, collation, and n further keys of the resource
-- ARGV  1 retention ms  2 retention of dead letters ms
--       then per delivery: id, 'delivered' | 'failed' | 'dead' | 'postponed', wait before the next ms, the attempt as it
--       is logged; of one that is postponed how long after it was begun it is dead instead, ms; error, generation,
--       member of due, n
-- Gives {now, per delivery: 1 settled | 0 not ours to settle, or what is kept of it cannot be used}.
--
-- A 2xx settles whoever reports it, dead or not: the receiver has it, and no later failure can take that back. Anything
-- else counts only from the present owner, who holds it in flight; taken over meanwhile, it is the other's to judge.
-- The log keeps the last 20 attempts, each in the field of its number modulo 20, behind that number and when the
-- one after it is due.
local KEPT = 20
local now = milliseconds()
local retention, dead_retention = tonumber(ARGV[1]), tonumber(ARGV[2])
local reply = {now}

local function settle(arg, key)
  local delivery, collation = KEYS[key], KEYS[key + 1]
  local id, result, wait = ARGV[arg], ARGV[arg + 1], tonumber(ARGV[arg + 2])
  local logged, problem, generation, member = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5], ARGV[arg + 6]
  local others = tonumber(ARGV[arg + 7])
  -- A version before counted in another place.
  local counted = redis.call('HEXISTS', delivery, 'before') == 1
  local undelivered = counted and 'undelivered:' .. member:match('^%S+') or 'pending'

  local function log(next_attempt)
    local number = redis.call('HINCRBY', delivery, 'attempts', 1)
    redis.call('HSET', delivery, 'l' .. number % KEPT, number .. '\t' .. next_attempt .. '\t' .. logged)
    if problem ~= '' then
      redis.call('HSET', delivery, 'error', problem)
    end
  end

  -- It is over: all its keys go together, later. What PEXPIRE does an hour after that is only a backstop.
  local function finish(how, kept)
    redis.call('HSET', delivery, 'status', how == 'died' and 'dead' or how, how, now)
    if redis.call('HGET', collation, 'gen') == generation then
      redis.call('HSET', collation, how, now)
      redis.call('ZADD', KEYS[3], now + kept, member)
      for k = key, key + 1 + others do
        redis.call('PEXPIRE', KEYS[k], kept + 3600000)
      end
    end
  end

  -- Read first: when these cannot be, the delivery stays where it is.
  local status = redis.call('HGET', delivery, 'status')
  redis.call('HLEN', collation)
  local owned = redis.call('SREM', KEYS[1], id) == 1
  if result == 'delivered' and (status == 'pending' or status == 'dead') then
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZREM', KEYS[5], id)
    redis.call('HINCRBY', KEYS[4], undelivered, -1)
    redis.call('HDEL', delivery, 'died')
    if redis.call('HGET', collation, 'gen') == generation then
      redis.call('HDEL', collation, 'died')
    end
    log(0)
    finish('delivered', retention)
    return 1
  elseif status ~= 'pending' or not owned then
    return 0
  end
  local over = false
  if result == 'postponed' then
    local times = redis.call('HMGET', delivery, 'begun', 'created')
    over = now - tonumber(times[1] or times[2] or now) > tonumber(logged)
  end
  if result == 'dead' or over then
    -- Begun again while this attempt was made, it may wait there.
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZADD', KEYS[5], now, id)
    if over then
      redis.call('HSET', delivery, 'error', problem)
    else
      log(0)
    end
    finish('died', dead_retention)
  else
    redis.call('ZADD', KEYS[2], now + wait, id)
    if result == 'failed' then
      log(now + wait)
    end
  end
  return 1
end

local arg, key = 3, 6
while key <= #KEYS do
  local done, settled = attempt(settle, arg, key)
  reply[#reply + 1] = done and settled or 0
  key = key + 2 + ARGV[arg + 7]
  arg = arg + 8
end
return reply
