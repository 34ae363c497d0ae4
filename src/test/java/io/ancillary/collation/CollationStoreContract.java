package io.ancillary.collation;

import org.junit.jupiter.api.BeforeEach;

/**
 * What every store must do, one behaviour a test. The store on Redis and the reference model both keep it, and the
 * property tests compare the two beyond it.
 */
public abstract class CollationStoreContract
        implements AcceptContract, CallbackContract, SingleContract, CollateContract, DeadlineContract, GapContract,
        ForesightContract, DeliveryContract, DeadLetterContract, TenureContract, RetentionContract, DeferralContract,
        HoldContract {
    private CollationStore store;
    private Membership me;
    private Membership other;

    /** A store that holds nothing. */
    protected abstract CollationStore emptyStore();

    @BeforeEach
    void join() {
        store = emptyStore();
        me = answer(store.join("me"));
        other = answer(store.join("other"));
    }

    @Override
    public CollationStore store() {
        return store;
    }

    @Override
    public Membership me() {
        return me;
    }

    @Override
    public Membership other() {
        return other;
    }
}
