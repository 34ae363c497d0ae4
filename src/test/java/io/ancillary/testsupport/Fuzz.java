package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Tries what nobody would think of: first the corpus of a surface, that is what once went wrong and what is worth trying
 * always, then what so many seeds make up. What fails is kept in {@code target/fuzz}; in the corpus it is tried ever after.
 */
public final class Fuzz {
    private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");
    private static final Path FAILED = Path.of("target", "fuzz");
    /** How many times as much as usual is tried; beginning with which seed. */
    private static final int TIMES = Integer.getInteger("ancillary.fuzz.times", 1);
    private static final long FIRST_SEED = Long.getLong("ancillary.fuzz.seed", 1);

    private Fuzz() {
    }

    /**
     * Tries a surface.
     *
     * @param surface names its folder in the corpus
     * @param cases how many are usually made up
     * @param maker makes one up
     * @param check fails with whatever it likes, and else says whether what it was given was taken: one in a hundred must be,
     *        and one in a hundred not, for both ways to have been tried
     */
    public static void run(String surface, int cases, Function<Dice, byte[]> maker, Predicate<byte[]> check) {
        List<Path> corpus = corpus(surface);
        corpus.forEach(file -> attempt(surface, file.toString(), read(file), check));
        long taken = 0;
        long all = (long) cases * TIMES;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + all; seed++) {
            taken += attempt(surface, "seed " + seed, maker.apply(new Dice(seed)), check) ? 1 : 0;
        }
        System.out.printf(Locale.ROOT, "%s: %d of the corpus and %d made up, from seed %d; of these %d taken%n", surface,
                corpus.size(), all, FIRST_SEED, taken);
        assertThat(taken).as("taken").isBetween(all / 100, all - all / 100);
    }

    /** The same of text. */
    public static void runText(String surface, int cases, Function<Dice, String> maker, Predicate<String> check) {
        run(surface, cases, dice -> maker.apply(dice).getBytes(UTF_8), bytes -> check.test(new String(bytes, UTF_8)));
    }

    @SuppressWarnings("IllegalCatch") // Whatever a check fails with, it is what was looked for.
    private static boolean attempt(String surface, String name, byte[] input, Predicate<byte[]> check) {
        try {
            return check.test(input);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(surface + ", " + name + ", kept in " + keep(surface, input) + ": " + e.getMessage(), e);
        }
    }

    private static List<Path> corpus(String surface) {
        Path folder = CORPUS.resolve(surface);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path keep(String surface, byte[] input) {
        try {
            Path folder = Files.createDirectories(FAILED.resolve(surface));
            return Files.write(Files.createTempFile(folder, "input", ""), input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
