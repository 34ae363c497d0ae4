package io.ancillary.redis;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.ancillary.processing.AccessList;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/**
 * The access control list on Redis: a set of tokens a station, and a count of stations a token. It has one
 * partition, since a token is looked for at all stations.
 */
final class RedisAccessList implements AccessList {
    private static final String EVERYBODY = "*";
    private static final int BYTES_A_REQUEST = 200;

    private final Keys keys;
    private final RedisLink link;
    private final GroupCommit<Question, Verdict> decisions;

    RedisAccessList(Keys keys, RedisLink link) {
        this.keys = keys;
        this.link = link;
        this.decisions = new GroupCommit<>(link.afterThis(), question -> BYTES_A_REQUEST, this::decideAll);
    }

    @Override
    public CompletionStage<Verdict> decide(String stationId, String driverToken) {
        return decisions.submit(new Question(stationId, driverToken));
    }

    private CompletionStage<List<Verdict>> decideAll(List<Question> questions) {
        List<String> declared = Stream.concat(Stream.of(keys.accessTokens()),
                questions.stream().map(question -> keys.accessOf(question.stationId()))).toList();
        return link.run(Script.ACL_DECIDE, declared, questions.stream().map(Question::driverToken).toList())
                .thenApply(reply -> Stream.of(Calls.words(reply)).map(Verdict::valueOf).toList());
    }

    @Override
    public CompletionStage<Optional<Entry>> find(String stationId) {
        return link.send(Request.cmd(Command.SMEMBERS).arg(keys.accessOf(stationId))).thenApply(members -> {
            Set<String> tokens = members.stream().map(Response::toString).collect(Collectors.toSet());
            return tokens.isEmpty() ? Optional.empty()
                    : Optional.of(tokens.contains(EVERYBODY) ? new Entry(true, Set.of()) : new Entry(false, tokens));
        });
    }

    @Override
    public CompletionStage<Void> put(String stationId, Entry entry) {
        List<String> tokens = entry.everybody() ? List.of(EVERYBODY) : List.copyOf(entry.driverTokens());
        return replace(stationId, tokens).thenApply(reply -> null);
    }

    @Override
    public CompletionStage<Boolean> remove(String stationId) {
        return replace(stationId, List.of()).thenApply(reply -> reply.get(0).toInteger() == 1);
    }

    private CompletionStage<Response> replace(String stationId, List<String> tokens) {
        return link.run(Script.ACL_PUT, List.of(keys.accessTokens(), keys.accessOf(stationId)), tokens);
    }

    private record Question(String stationId, String driverToken) {
    }
}
