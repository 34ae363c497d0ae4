-- What all scripts share; it stands before their own text, and is run anew with each call.

local call = redis.call

local function milliseconds()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local texts = {}

-- A whole number as it is kept. Redis writes a number that it is given out by itself, more slowly and each time anew; and
-- most of what a call writes is the same few.
local function text_of(number)
  local text = texts[number]
  if not text then
    text = string.format('%.0f', number)
    -- What is no number, as somebody may have written it, is no key of a table either.
    if number == number then
      texts[number] = text
    end
  end
  return text
end

-- Whether something that is kept is a whole number that a replica can read too, as it would not be if another wrote it:
-- indices and counts are integers of Java, times and sizes longs, as far as numbers are exact here.
local INTEGER, LONG = 2 ^ 31 - 1, 2 ^ 53
local function is_whole(number, most)
  return type(number) == 'number' and number % 1 == 0 and math.abs(number) <= most
end

-- Why nothing may be done under this name any more; nil when it may.
local function refusal(now, replicas, me, not_after)
  if now > tonumber(not_after) then
    return 'LATE'
  end
  local beat = call('ZSCORE', replicas, me)
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
