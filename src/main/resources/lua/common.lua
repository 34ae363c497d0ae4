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
  if not beat or tonumber(beat) == 0 then
    return 'EXPELLED'
  end
end
