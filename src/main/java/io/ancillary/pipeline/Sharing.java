package io.ancillary.pipeline;

import static java.util.stream.Collectors.toMap;

import java.util.List;
import java.util.Map;

import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Comparison;
import io.ancillary.collation.Part;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/**
 * Gives parts that have waited here to replicas that hold less. The giver moves them, since it knows what nobody has
 * begun: no part is processed twice for it.
 */
final class Sharing {
    private static final int AT_A_TIME = 64;
    /** To one replica, of one flow, between two looks. */
    private static final int MOST = 512;

    private final Membership membership;
    private final Map<String, Lane> lanes;
    private final Runnable given;

    /** @param given is told, on the executor, when somebody gave parts to this replica, or may have taken some */
    Sharing(Membership membership, Map<String, Lane> lanes, Runnable given) {
        this.membership = membership;
        this.lanes = lanes;
        this.given = given;
    }

    /** Says how much is held here, and evens it out with those who hold less. */
    Uni<Void> compare() {
        Map<String, Integer> held = lanes.entrySet().stream().filter(lane -> lane.getValue().isFree())
                .collect(toMap(Map.Entry::getKey, lane -> lane.getValue().held()));
        return Uni.createFrom().completionStage(() -> membership.compare(held))
                .invoke(comparison -> {
                    if (comparison.given()) {
                        given.run();
                    }
                })
                .chain(comparison -> Multi.createFrom().iterable(lanes.entrySet())
                        .filter(lane -> lane.getValue().isBackedUp())
                        .onItem().transformToUniAndConcatenate(lane -> evenOut(lane.getKey(), lane.getValue(), comparison))
                        .collect().asList())
                .replaceWithVoid();
    }

    private Uni<Void> evenOut(String flow, Lane lane, Comparison comparison) {
        Map<String, Integer> less = comparison.others().entrySet().stream()
                .filter(other -> other.getValue().getOrDefault(flow, Integer.MAX_VALUE) < lane.held())
                .collect(toMap(Map.Entry::getKey, other -> other.getValue().get(flow)));
        int level = (lane.held() + less.values().stream().mapToInt(Integer::intValue).sum()) / (less.size() + 1);
        return Multi.createFrom().iterable(less.entrySet())
                .onItem().transformToUniAndConcatenate(
                        other -> give(lane, other.getKey(), Math.min(MOST, level - other.getValue())))
                .collect().asList().replaceWithVoid();
    }

    private Uni<Void> give(Lane lane, String to, int parts) {
        List<Part> lent = lane.lend(Math.min(parts, AT_A_TIME));
        if (lent.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom().completionStage(() -> membership.give(to, lent))
                .onFailure().invoke(() -> {
                    // Moved or not: who collates them first has them.
                    lane.lent(lent, List.of());
                    given.run();
                })
                .invoke(moved -> lane.lent(lent, moved))
                .chain(moved -> moved.size() < AT_A_TIME ? Uni.createFrom().voidItem()
                        : give(lane, to, parts - AT_A_TIME));
    }
}
