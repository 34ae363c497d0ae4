-- What the scripts share that move entries of a journal; it stands before their own text.

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
  call('XDEL', from, entry[1])
  return call('XADD', to, '*', unpack(fields))
end
