-- Moves what a silent replica held to this one, at most so many parts a call.
-- KEYS  1 replicas  2 its journal  3 this replica's journal  4 its deliveries in flight  5 this replica's
--       6 loads
-- ARGV  1 this replica  2 not-after  3 the silent one  4 lease ms  5 how many parts
-- Gives {now, 'OK', parts moved, 1 nothing is left | 0 call again} | {now, 'EXPELLED' | 'LATE'}.
--
-- The first call declares it dead (score 0), so that from here on no script writes under its name: it cannot
-- collate, nor journal, what is being moved. If we die half way, another finds the 0 and goes on.
-- What it died of may be among the parts it held: all are suspects from here on (m = 1), and those which it was
-- working on although they were suspects already (w) are so by one death more. Who left (score -1) died of nothing.
-- ZREM before ZADD, XDEL before XADD: it must run at maxmemory, where a script may only begin by freeing.
local now = milliseconds()
local me, them = ARGV[1], ARGV[3]
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end
local silent = call('ZSCORE', KEYS[1], them)
if not silent or me == them then
  return {now, 'OK', 0, 1}
end
if tonumber(silent) > now - tonumber(ARGV[4]) then
  return {now, 'OK', 0, 1}
end
local left = tonumber(silent) == -1
call('ZREM', KEYS[1], them)
call('ZADD', KEYS[1], left and -1 or 0, them)

local entries = call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[5])
for _, entry in ipairs(entries) do
  move(KEYS[2], entry, KEYS[3], function(part)
    if not left and (part.m == '0' or part.w) then
      part.m = part.m + 1
    end
    part.w = nil
  end)
end
if #entries == tonumber(ARGV[5]) then
  return {now, 'OK', #entries, 0}
end
if call('EXISTS', KEYS[4]) == 1 then
  call('SUNIONSTORE', KEYS[5], KEYS[5], KEYS[4])
end
call('UNLINK', KEYS[2], KEYS[4])
call('HDEL', KEYS[6], them, them .. ' given')
call('ZREM', KEYS[1], them)
return {now, 'OK', #entries, 1}
