-- Moves what a silent replica held to this one, at most so many parts a call.
-- KEYS  1 replicas  2 its journal  3 this replica's journal  4 its deliveries in flight  5 this replica's
-- ARGV  1 this replica  2 not-after  3 the silent one  4 lease ms  5 how many parts
-- Gives {now, 'OK', parts moved, 1 nothing is left | 0 call again} | {now, 'EXPELLED' | 'LATE'}.
--
-- The first call declares it dead (score 0), so that from here on no script writes under its name: it cannot
-- collate, nor journal, what is being moved. If we die half way, another finds the 0 and goes on.
-- ZREM before ZADD, XDEL before XADD: it must run at maxmemory, where a script may only begin by freeing.
local now = milliseconds()
local me, them = ARGV[1], ARGV[3]
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end
local silent = redis.call('ZSCORE', KEYS[1], them)
if not silent or me == them then
  return {now, 'OK', 0, 1}
end
if tonumber(silent) > now - tonumber(ARGV[4]) then
  return {now, 'OK', 0, 1}
end
redis.call('ZREM', KEYS[1], them)
redis.call('ZADD', KEYS[1], 0, them)

local entries = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[5])
for _, entry in ipairs(entries) do
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'm' then
      fields[i + 1] = tonumber(fields[i + 1]) + 1
    end
  end
  redis.call('XDEL', KEYS[2], entry[1])
  redis.call('XADD', KEYS[3], '*', unpack(fields))
end
if #entries == tonumber(ARGV[5]) then
  return {now, 'OK', #entries, 0}
end
if redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('SUNIONSTORE', KEYS[5], KEYS[5], KEYS[4])
end
redis.call('UNLINK', KEYS[2], KEYS[4])
redis.call('ZREM', KEYS[1], them)
return {now, 'OK', #entries, 1}
