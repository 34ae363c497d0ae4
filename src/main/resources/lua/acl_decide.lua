-- Decides 1..n requests by the access control list.
-- KEYS  1 tokens  then per request: station
-- ARGV  per request: driver token
-- Gives {per request: 'ALLOWED' | 'NOT_ALLOWED' | 'INVALID'}.
local reply = {}
for i = 2, #KEYS do
  local found = redis.call('SMISMEMBER', KEYS[i], '*', ARGV[i - 1])
  if found[1] == 1 or found[2] == 1 then
    reply[i - 1] = 'ALLOWED'
  elseif redis.call('HEXISTS', KEYS[1], ARGV[i - 1]) == 1 then
    reply[i - 1] = 'NOT_ALLOWED'
  else
    reply[i - 1] = 'INVALID'
  end
end
return reply
