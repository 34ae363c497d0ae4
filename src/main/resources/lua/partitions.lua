-- How many partitions there are, as partition 0 says. Who starts asks first, and again when it has joined elsewhere.
-- KEYS  1 meta of partition 0
-- ARGV  1 format version  2 number of partitions
-- Gives {format kept, partitions kept}, both '' when nothing is.
--
-- If it is the number asked with, a change that is under way goes no further: vacate.lua finds it called off.
local kept = redis.call('HMGET', KEYS[1], 'format', 'partitions')
if kept[1] == ARGV[1] and kept[2] == ARGV[2] then
  redis.call('HDEL', KEYS[1], 'next')
end
return {kept[1] or '', kept[2] or ''}
