package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

import io.ancillary.collation.Collected;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.Snapshot;

/**
 * What came of each generation in Redis, whoever was told of it, held to what must come of it without asking the model.
 */
final class Ledger {
    private final TwinStores stores;
    private final Map<String, Account> accounts = new HashMap<>();

    Ledger(TwinStores stores) {
        this.stores = stores;
    }

    private static final class Account {
        private final SortedSet<Integer> accepted = new TreeSet<>();
        private final SortedSet<Integer> collated = new TreeSet<>();
        private int endings;
        private int deliveries;
        private int begunAgain;
        private boolean dead;
    }

    void accepted(Part part) {
        assertThat(account(part.generation()).accepted.add(part.index())).as(stores::story).isTrue();
    }

    /** Each index is in it once, in order, and all of them are where nothing is missing. */
    void ended(Delivery delivery, Outcome outcome) {
        List<Integer> indices = outcome.results().stream().map(Collected::index).toList();
        assertThat(indices).as(stores::story).isSorted().doesNotHaveDuplicates()
                .hasSize(outcome.size() - outcome.of().missing());
        assertThat(!outcome.completed() || indices.size() == outcome.size()).as(stores::story).isTrue();
        Account account = account(delivery.generation());
        account.endings++;
        account.collated.addAll(indices);
    }

    void delivered(Delivery delivery) {
        Account account = account(delivery.generation());
        account.deliveries++;
        account.dead = false;
    }

    /** It need not be delivered any more. */
    void died(Delivery delivery) {
        account(delivery.generation()).dead = true;
    }

    /** At the operator's word it is to be delivered, also if it was. */
    void begunAgain(String generation, boolean delivered) {
        account(generation).begunAgain += delivered ? 1 : 0;
        account(generation).dead = false;
    }

    /** At the operator's word: nothing more need come of it. */
    void dropped(String generation) {
        accounts.remove(generation);
    }

    /** None is said to have ended that was not told of, and the other way round. */
    void checkEnding(Snapshot snapshot) {
        assertThat(account(snapshot.generation()).endings).as(stores::story).isEqualTo(snapshot.ending().isPresent() ? 1 : 0);
    }

    /**
     * Once all is done: what was accepted is in the one outcome of its generation, which was delivered as often as asked for.
     */
    void checkAllIsDone() {
        accounts.forEach((generation, account) -> {
            assertThat(account.endings).as(() -> "endings of " + generation + "\n" + stores.story()).isEqualTo(1);
            assertThat(account.collated).as(() -> "parts of " + generation + "\n" + stores.story())
                    .isEqualTo(account.accepted);
            assertThat(account.deliveries + (account.dead ? 1 : 0))
                    .as(() -> "deliveries of " + generation + "\n" + stores.story())
                    .isEqualTo(1 + account.begunAgain);
        });
    }

    private Account account(String generation) {
        return accounts.computeIfAbsent(generation, it -> new Account());
    }
}
