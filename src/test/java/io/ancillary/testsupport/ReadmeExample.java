package io.ancillary.testsupport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A block of code in the README's section on receiving webhooks. */
public record ReadmeExample(String language, String text) {
    private static final Pattern SECTION = Pattern.compile("(?ms)^## Receiving webhooks$.*?(?=^## )");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)$\\R(.*?)^```$");

    public static List<ReadmeExample> all() throws IOException {
        String section = SECTION.matcher(Files.readString(Path.of("README.md"))).results().map(MatchResult::group)
                .collect(Collectors.joining());
        return BLOCK.matcher(section).results().map(block -> new ReadmeExample(block.group(1), block.group(2))).toList();
    }
}
