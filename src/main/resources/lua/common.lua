-- What all scripts share; it stands before their own text.

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Why nothing may be done under this name any more; nil when it may.
local function refusal(now, replicas, me, not_after)
  if now > tonumber(not_after) then
    return 'LATE'
  end
  local beat = redis.call('ZSCORE', replicas, me)
  if not beat or tonumber(beat) <= 0 then
    return 'EXPELLED'
  end
end

-- Does something that may fail of what is kept of one item, so that the others of the call are done all the same.
-- Gives true and what it gives | false and what was wrong. What Redis refuses to all is no item's fault.
local function attempt(what, ...)
  local done, given = pcall(what, ...)
  if done then
    return true, given
  end
  local problem = tostring(type(given) == 'table' and given.err or given)
  for _, refusal_of_all in ipairs({'OOM ', 'READONLY ', 'MISCONF ', 'NOREPLICAS '}) do
    if problem:find(refusal_of_all, 1, true) then
      error(given)
    end
  end
  return false, problem
end

-- A journal entry's fields, in their order: what is written alike is stored compactly.
-- f flow  r resource  g generation  i index  m deaths (see takeover)  b body  a attempts  w it is being worked on
local FIELDS = {'f', 'r', 'g', 'i', 'm', 'b', 'a', 'w'}
local KNOWN = {f = true, r = true, g = true, i = true, m = true, b = true, a = true, w = true}

-- Moves an entry, as XRANGE gives it, to another journal, or to the end of the same; change is given its fields.
-- XDEL before XADD: so it runs at maxmemory.
local function move(from, entry, to, change)
  local part, fields = {}, {}
  for i = 1, #entry[2], 2 do
    part[entry[2][i]] = entry[2][i + 1]
  end
  if change then
    change(part)
  end
  for _, field in ipairs(FIELDS) do
    if part[field] then
      fields[#fields + 1] = field
      fields[#fields + 1] = part[field]
    end
  end
  -- What a newer version keeps beside these.
  for i = 1, #entry[2], 2 do
    if not KNOWN[entry[2][i]] then
      fields[#fields + 1] = entry[2][i]
      fields[#fields + 1] = entry[2][i + 1]
    end
  end
  redis.call('XDEL', from, entry[1])
  return redis.call('XADD', to, '*', unpack(fields))
end
