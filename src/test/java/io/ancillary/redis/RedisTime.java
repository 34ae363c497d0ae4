package io.ancillary.redis;

import java.time.Duration;

import io.ancillary.testsupport.RedisProcess;

/** Lets time pass in Redis without waiting: every instant that is kept there is moved back by so much. */
final class RedisTime {
    private static final String MOVE_BACK = """
            local by = tonumber(ARGV[1])
            local instants = {ticked = true, created = true, updated = true, deadline = true, ended = true,
              delivered = true}
            for _, key in ipairs(redis.call('KEYS', 'anc:*')) do
              local kind = redis.call('TYPE', key).ok
              if kind == 'zset' and not key:find(':out:') then
                local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
                for i = 1, #members, 2 do
                  if tonumber(members[i + 1]) > 0 then
                    redis.call('ZADD', key, members[i + 1] - by, members[i])
                  end
                end
              elseif kind == 'hash' then
                local fields = redis.call('HGETALL', key)
                for i = 1, #fields, 2 do
                  if instants[fields[i]] then
                    redis.call('HSET', key, fields[i], string.format('%d', fields[i + 1] - by))
                  end
                end
              end
              local left = redis.call('PTTL', key)
              if left > 0 then
                redis.call('PEXPIRE', key, left - by)
              end
            end
            """;

    private RedisTime() {
    }

    static void advance(RedisProcess redis, Duration by) {
        redis.command("EVAL", MOVE_BACK, "0", String.valueOf(by.toMillis()));
    }
}
