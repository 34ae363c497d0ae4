-- Decides 1..n requests by the access control list.
-- KEYS  1 tokens  then per request: station
-- ARGV  per request: driver token
-- Gives per request a word: 'ALLOWED' | 'NOT_ALLOWED' | 'INVALID', between spaces.
--
-- All that ask for one station are looked for at once, and so are all that it does not allow: a command costs more than
-- what it does.
local verdicts, stations = {}, {}
for i, token in ipairs(ARGV) do
  local station = KEYS[i + 1]
  local asked = stations[station]
  if not asked then
    asked = {look = {'SMISMEMBER', station, '*'}, places = {}}
    stations[station] = asked
  end
  asked.look[#asked.look + 1] = token
  asked.places[#asked.places + 1] = i
end

local others, places = {'HMGET', KEYS[1]}, {}
for _, asked in pairs(stations) do
  local found = redis.call(unpack(asked.look))
  for n, place in ipairs(asked.places) do
    if found[1] == 1 or found[n + 1] == 1 then
      verdicts[place] = 'ALLOWED'
    else
      others[#others + 1], places[#places + 1] = ARGV[place], place
    end
  end
end

if #places > 0 then
  for n, known in ipairs(redis.call(unpack(others))) do
    verdicts[places[n]] = known and 'NOT_ALLOWED' or 'INVALID'
  end
end
return table.concat(verdicts, ' ')
