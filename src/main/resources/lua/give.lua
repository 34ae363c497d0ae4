-- Moves parts that nobody has begun from this replica's journal to that of another, which has less to do.
-- KEYS  1 replicas  2 journal of this replica  3 journal of the other  4 loads
-- ARGV  1 replica  2 not-after  3 the other  4 how long a heartbeat is fresh, ms  then per part: journal entry
-- Gives {now, 'OK', per part: 1 moved | 0 not there, or the other may be dead} | {now, 'EXPELLED' | 'LATE'}.
--
-- Should the other die now, its journal is taken over with what it was given.
local now = milliseconds()
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local beat = call('ZSCORE', KEYS[1], ARGV[3])
local alive = beat and tonumber(beat) > now - tonumber(ARGV[4])
local reply, given = {now, 'OK'}, false
for arg = 5, #ARGV do
  local entry = alive and call('XRANGE', KEYS[2], ARGV[arg], ARGV[arg])[1]
  if entry then
    move(KEYS[2], entry, KEYS[3], function(part)
      -- Whoever has it now has not begun it.
      part.w = nil
    end)
    given = true
  end
  reply[#reply + 1] = entry and 1 or 0
end
if given then
  -- What it said it holds is no longer so: it wants no more until it has seen these.
  call('HSET', KEYS[4], ARGV[3] .. ' given', 1, ARGV[3], '')
end
return reply
