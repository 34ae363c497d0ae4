-- Writes down how 1..n attempts ended.
-- KEYS  1 deliveries in flight at this replica  2 outbox  3 due  4 meta
--       then per delivery: delivery, collation, and n further keys of the resource
-- ARGV  1 retention ms
--       then per delivery: id, 'delivered' | 'failed' | 'postponed', attempts made, wait before the next ms,
--       error, generation, member of due, n
-- Gives {now, per delivery: 1 settled | 0 not ours to settle, or what is kept of it cannot be used}.
--
-- A 2xx settles whoever reports it: the receiver has it, and no later failure can take that back. A failure
-- counts only from the present owner, who holds it in flight; taken over meanwhile, it is the other's to judge.
local now = milliseconds()
local retention = tonumber(ARGV[1])
local reply = {now}

local function settle(arg, key)
  local delivery, collation = KEYS[key], KEYS[key + 1]
  local id, result, attempts, wait = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], tonumber(ARGV[arg + 3])
  local problem, generation, member = ARGV[arg + 4], ARGV[arg + 5], ARGV[arg + 6]
  local others = tonumber(ARGV[arg + 7])

  -- Read first: when these cannot be, the delivery stays where it is.
  local pending = redis.call('HGET', delivery, 'status') == 'pending'
  local ours = redis.call('HGET', collation, 'gen') == generation
  local owned = redis.call('SREM', KEYS[1], id) == 1
  if pending and result == 'delivered' then
    redis.call('ZREM', KEYS[2], id)
    redis.call('HINCRBY', KEYS[4], 'pending', -1)
    redis.call('HINCRBY', delivery, 'attempts', attempts)
    redis.call('HSET', delivery, 'status', 'delivered', 'delivered', now)
    if ours then
      redis.call('HSET', collation, 'delivered', now)
      redis.call('ZADD', KEYS[3], now + retention, member)
      -- Only a backstop, an hour later than the clean-up that takes all keys together.
      for k = key, key + 1 + others do
        redis.call('PEXPIRE', KEYS[k], retention + 3600000)
      end
    end
    return 1
  elseif pending and owned then
    redis.call('ZADD', KEYS[2], now + wait, id)
    if result == 'failed' then
      redis.call('HINCRBY', delivery, 'attempts', attempts)
      redis.call('HSET', delivery, 'error', problem)
    end
    return 1
  end
  return 0
end

local arg, key = 2, 5
while key <= #KEYS do
  local done, settled = attempt(settle, arg, key)
  reply[#reply + 1] = done and settled or 0
  key = key + 2 + ARGV[arg + 7]
  arg = arg + 8
end
return reply
