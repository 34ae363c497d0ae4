-- What the scripts share that change how many partitions there are; it stands before their own text.
--
-- Each partition keeps the number it is laid out for; that of partition 0 counts for all. The number may change only
-- while nobody works in any partition and nothing is open, in a journal, put off or undelivered: then what is left is
-- finished work, which ends by its own TTL.

local function kept_in(meta)
  local kept, fields = {}, redis.call('HGETALL', meta)
  for i = 1, #fields, 2 do
    kept[fields[i]] = fields[i + 1]
  end
  return kept
end

local function is_busy(kept, replicas, now, lease)
  for field, value in pairs(kept) do
    if (field == 'pending' or field:find('^undelivered:') or field:find('^journal:') or field:find('^open:') or field:find('^waiting:'))
      and tonumber(value) > 0 then
      return true
    end
  end
  return redis.call('ZCOUNT', replicas, '(' .. now - tonumber(lease), '+inf') > 0
end
