package io.ancillary.collation;

/** The name under which this was asked for was declared dead. Nothing was written. */
public class ExpelledException extends StoreUnavailableException {
    private static final long serialVersionUID = 1;

    public ExpelledException(String replica) {
        super("replica " + replica + " was declared dead");
    }
}
