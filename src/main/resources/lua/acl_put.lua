-- Replaces a station's entry in the access control list.
-- KEYS  1 tokens (token -> number of stations that hold it)  2 station
-- ARGV  the tokens, or '*' for everybody; none takes the entry out
-- Gives {1 there was an entry | 0}.
local before = redis.call('SMEMBERS', KEYS[2])
redis.call('UNLINK', KEYS[2])
for _, token in ipairs(before) do
  if redis.call('HINCRBY', KEYS[1], token, -1) <= 0 then
    redis.call('HDEL', KEYS[1], token)
  end
end
for _, token in ipairs(ARGV) do
  if redis.call('SADD', KEYS[2], token) == 1 then
    redis.call('HINCRBY', KEYS[1], token, 1)
  end
end
return {#before > 0 and 1 or 0}
