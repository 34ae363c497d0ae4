package io.ancillary.collation;

/**
 * A kind of work, as far as the store must know it.
 *
 * @param name part of every key, word {@code [a-z]+}
 * @param firstIndex the index with which each of its collations begins
 * @param journalCapacity parts accepted and not yet collated, per partition
 * @param openCapacity collations that have not ended, per partition
 */
public record Flow(String name, int firstIndex, int journalCapacity, int openCapacity) {

    public Flow {
        if (!name.matches("[a-z]+")) {
            throw new IllegalArgumentException("not a flow's name: " + name);
        }
    }
}
