package io.ancillary.redis;

import java.util.ArrayList;
import java.util.List;

import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;

/** A member of a sorted set, with its score. */
record Scored(String member, long score) {

    /** Members and scores, flat as RESP2 has them, or as pairs as RESP3 has them. */
    static List<Scored> all(Response reply) {
        List<Scored> rows = new ArrayList<>();
        for (int i = 0; i < reply.size(); i++) {
            Response row = reply.get(i);
            boolean pair = row.type() == ResponseType.MULTI;
            String member = pair ? row.get(0).toString() : row.toString();
            Response score = pair ? row.get(1) : reply.get(++i);
            rows.add(new Scored(member, (long) Double.parseDouble(score.toString())));
        }
        return rows;
    }
}
