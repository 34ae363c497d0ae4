package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.ancillary.testsupport.RedisProcess;

/** Counts in Redis what its counters are kept of. */
final class RedisCounts {
    private static final String DIFFERENCES = """
            local real, places, differences, letters = {}, {}, {}, 0
            local function count(what, n)
              real[what] = (real[what] or 0) + n
            end
            local function compare(what, kept, found)
              if tonumber(kept or 0) ~= found then
                differences[#differences + 1] = what .. ' is kept as ' .. (kept or 'nothing') .. ' and is ' .. found
              end
            end
            local function matching(key, test)
              local n, found = 0, redis.call('HGETALL', key)
              for i = 1, #found, 2 do
                n = n + (test(found[i], found[i + 1]) and 1 or 0)
              end
              return n
            end
            local function be_found(id)
              places[id] = (places[id] or 0) + 1
            end
            local function compare_collation(flow, id, key)
              local kept = redis.call('HMGET', key, 'state', 'received', 'processed', 'failed', 'waiting', 'output')
              local chunks, of = 0, 'anc:{0}:in:' .. flow .. ':' .. id .. ':'
              for _, chunk in ipairs(redis.call('KEYS', of .. '*')) do
                chunks = chunks + redis.call('HLEN', chunk)
              end
              local outputs = 'anc:{0}:out:' .. flow .. ':' .. id
              local aside = 'anc:{0}:wait:' .. flow .. ':' .. id
              local waiting = matching(aside, function(_, record) return record:sub(1, 1) == 'w' end)
              count('dead:' .. flow, matching(aside, function(field, record)
                return tonumber(field) and record:sub(1, 1) == 'd'
              end))
              compare('received of ' .. id, kept[2], chunks + matching(key, function(field) return tonumber(field) end))
              local of_single = kept[6] and kept[6]:sub(1, 1) == '=' and 1 or 0
              compare('processed of ' .. id, kept[3], redis.call('ZCOUNT', outputs, '-inf', '(' .. 2 ^ 40) + of_single)
              compare('failed of ' .. id, kept[4], redis.call('ZCOUNT', outputs, 2 ^ 40, '+inf'))
              compare('waiting of ' .. id, kept[5], waiting)
              count('waiting:' .. flow, waiting)
              count('open:' .. flow, (kept[1] == 'collecting' or kept[1] == 'closing') and 1 or 0)
            end
            for _, key in ipairs(redis.call('KEYS', 'anc:{0}:*')) do
              local kind, rest = key:match('^anc:{0}:(%l+):(.+)$')
              if kind == 'journal' then
                for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
                  count('journal:' .. entry[2][2], 1)
                end
              elseif kind == 'res' then
                compare_collation(rest:match('^(.-):'), rest:match(':(.*)$'), key)
              elseif kind == 'flight' then
                for _, id in ipairs(redis.call('SMEMBERS', key)) do
                  be_found(id)
                end
              end
            end
            for _, id in ipairs(redis.call('ZRANGE', 'anc:{0}:outbox', 0, -1)) do
              be_found(id)
            end
            for _, key in ipairs(redis.call('KEYS', 'anc:{0}:dlv:*')) do
              local status, flow, again = unpack(redis.call('HMGET', key, 'status', 'flow', 'before'))
              local id = key:match('dlv:(.*)$')
              count('undelivered:' .. flow, status == 'delivered' and 0 or 1)
              -- Done by another, it is in flight until its owner hears of it; begun again meanwhile, it may be in the outbox too.
              if status == 'pending' and not (again and (places[id] or 0) > 0) then
                compare('places of ' .. key, 1, places[id] or 0)
              end
              compare('dead letters of ' .. key, status == 'dead' and 1 or 0,
                redis.call('ZSCORE', 'anc:{0}:dead:letters', id) and 1 or 0)
              letters = letters + (status == 'dead' and 1 or 0)
            end
            -- Those whose other keys went by their TTL are counted until somebody cleans up.
            for _, member in ipairs(redis.call('ZRANGE', 'anc:{0}:due', 0, -1)) do
              local flow, generation = member:match('^(%S+) (%S+)')
              local id = '0-' .. generation
              if redis.call('ZSCORE', 'anc:{0}:dead:letters', id) and redis.call('EXISTS', 'anc:{0}:dlv:' .. id) == 0 then
                count('undelivered:' .. flow, 1)
                letters = letters + 1
              end
            end
            compare('dead letters', redis.call('ZCARD', 'anc:{0}:dead:letters'), letters)
            local meta = redis.call('HGETALL', 'anc:{0}:meta')
            for i = 1, #meta, 2 do
              if meta[i]:find(':') then
                compare(meta[i], meta[i + 1], real[meta[i]] or 0)
                real[meta[i]] = nil
              end
            end
            for what, n in pairs(real) do
              compare(what, nil, n)
            end
            return table.concat(differences, ', ')
            """;

    private final RedisProcess redis;

    RedisCounts(RedisProcess redis) {
        this.redis = redis;
    }

    void check(TwinStores stores) {
        assertThat(redis.command("EVAL", DIFFERENCES, "0")).as(stores::story).isEmpty();
    }
}
