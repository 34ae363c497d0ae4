-- A page of what a collation ended with. It only reads.
-- KEYS  1 collation  2 outputs
-- ARGV  1 generation  2 from which rank on  3 how many bytes make a page, which has one member at least
-- Gives {rank of the next page, members} | {-1 there is no next, members} | {} the collation is gone, lives
--       another life, or has not ended.
--
-- By bytes, not by members: a member may be a megabyte, and Redis and all who share the connection wait meanwhile.
local AT_A_TIME = 8
local state = redis.call('HMGET', KEYS[1], 'gen', 'ended')
if state[1] ~= ARGV[1] or not state[2] then
  return {}
end
local rank, bytes = tonumber(ARGV[2]), 0
local members = {}
repeat
  local some = redis.call('ZRANGE', KEYS[2], rank, rank + AT_A_TIME - 1)
  for _, member in ipairs(some) do
    members[#members + 1] = member
    bytes = bytes + #member
  end
  rank = rank + #some
  if #some < AT_A_TIME then
    rank = -1
  end
until rank == -1 or bytes >= tonumber(ARGV[3])
return {rank, members}
