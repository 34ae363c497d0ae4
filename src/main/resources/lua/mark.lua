-- Says of 1..n parts in this replica's journal whether they are being worked on.
-- KEYS  1 replicas  2 journal of this replica
-- ARGV  1 replica  2 not-after  then per part: journal entry, '1' | '0'
-- Gives {now, 'OK', per part: its new entry, or '' when it is not there} | {now, 'EXPELLED' | 'LATE'}.
--
-- Whose turn ended is not what replicas die of: it is a suspect like any other again.
-- An entry is never changed: the part goes to the end of the same journal. Who repeats a call that was carried out
-- finds it under the new entry, by reading the journal.
local now = milliseconds()
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local reply = {now, 'OK'}
for arg = 3, #ARGV, 2 do
  local entry = call('XRANGE', KEYS[2], ARGV[arg], ARGV[arg])[1]
  reply[#reply + 1] = entry and move(KEYS[2], entry, KEYS[2], function(part)
    if ARGV[arg + 1] == '1' then
      part.w = 1
    else
      part.w, part.m = nil, 1
    end
  end) or ''
end
return reply
