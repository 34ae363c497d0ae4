package io.ancillary;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.ancillary.delivery.CallbacksConfig;
import io.ancillary.delivery.DeliveryConfig;
import io.ancillary.delivery.WebhookConfig;
import io.ancillary.http.AccessConfig;
import io.ancillary.inbound.InboundConfig;
import io.ancillary.packets.PacketsConfig;
import io.ancillary.pipeline.EngineConfig;
import io.ancillary.processing.CompletionConfig;
import io.ancillary.processing.ServiceConfig;
import io.ancillary.sessions.SessionsConfig;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/**
 * Finds what is wrong with the configuration before anything starts, in sentences an operator can act on. The
 * framework would find some of it too, with a stack trace, and would not mind a misspelt variable at all.
 */
@RegisterForReflection(targets = { EngineConfig.class, EngineConfig.Processing.class, EngineConfig.Journal.class,
        EngineConfig.Open.class, EngineConfig.Waiting.class, CompletionConfig.class, ServiceConfig.class, DeliveryConfig.class,
        AccessConfig.class, PacketsConfig.class, WebhookConfig.class,
        SessionsConfig.class, CallbacksConfig.class, InboundConfig.class })
final class StartupCheck {
    private static final List<Class<?>> MAPPINGS = List.of(EngineConfig.class, DeliveryConfig.class, AccessConfig.class,
            PacketsConfig.class, WebhookConfig.class, SessionsConfig.class, CallbacksConfig.class, CompletionConfig.class,
            InboundConfig.class);
    private static final String PREFIX = "ANCILLARY_";
    /** What Kubernetes puts into the environment for a service that is called ancillary. */
    private static final Pattern KUBERNETES = Pattern.compile(
            "ANCILLARY_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");
    private static final Pattern BAD_VALUE = Pattern.compile(
            "The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being converted (.*)",
            Pattern.DOTALL);
    private static final Pattern EMPTY_VALUE = Pattern.compile("The config property (\\S+) is defined as the empty String.*",
            Pattern.DOTALL);
    private static final Pattern NOISE = Pattern
            .compile("SRCFG\\d+: | to enum class [\\w.$]+|[a-z]+(\\.[a-z]+)+\\.[A-Z]\\w+(Exception|Error): ");

    private final SmallRyeConfigBuilder config;
    private final Map<String, String> environment;

    StartupCheck(SmallRyeConfigBuilder config, Map<String, String> environment) {
        this.config = config;
        this.environment = environment;
    }

    /** A check of what this process was given: its environment, system properties and files. */
    static StartupCheck ofThisProcess() {
        return new StartupCheck(ConfigUtils.configBuilder(), System.getenv());
    }

    /** One line for each problem; none when the service can start. */
    List<String> problems() {
        List<String> problems = new ArrayList<>(unknownVariables());
        MAPPINGS.forEach(config::withMapping);
        try {
            SmallRyeConfig read = config.build();
            problems.addAll(new ValueRules(read).problems());
        } catch (ConfigValidationException e) {
            for (int i = 0; i < e.getProblemCount(); i++) {
                problems.add(sentence(e.getProblem(i).getMessage()));
            }
        } catch (IllegalArgumentException e) {
            problems.add(sentence(String.valueOf(e.getMessage())));
        }
        return problems;
    }

    private static String sentence(String message) {
        String text = NOISE.matcher(message).replaceAll("");
        Matcher empty = EMPTY_VALUE.matcher(text);
        if (empty.find()) {
            return empty.group(1) + " is empty: set a value, or leave the variable out";
        }
        Matcher bad = BAD_VALUE.matcher(text);
        String said = bad.find() ? badValue(bad.group(1), bad.group(2), bad.group(3)) : text;
        return said.lines().reduce((a, b) -> a + " " + b).orElse("");
    }

    /** A URL is not repeated: there may be a password in it. */
    private static String badValue(String key, String value, String why) {
        return key.endsWith("url") ? key + " is not a valid URL" : key + ": \"" + value + "\" is not a valid value: " + why;
    }

    private List<String> unknownVariables() {
        Set<String> known = knownVariables();
        return environment.keySet().stream().sorted()
                .filter(name -> name.startsWith(PREFIX) && !known.contains(name) && !KUBERNETES.matcher(name).matches())
                .map(name -> name + " is not a variable of this service; the nearest is " + nearest(name, known))
                .toList();
    }

    static Set<String> knownVariables() {
        Set<String> known = new TreeSet<>();
        MAPPINGS.forEach(mapping -> collect(mapping.getAnnotation(ConfigMapping.class).prefix(), mapping, known));
        return known;
    }

    private static void collect(String prefix, Class<?> mapping, Set<String> known) {
        for (Method method : mapping.getDeclaredMethods()) {
            String key = prefix + "_" + method.getName().replaceAll("([A-Z])", "_$1");
            if (isGroup(method.getReturnType())) {
                collect(key, method.getReturnType(), known);
            } else {
                known.add(key.replace('.', '_').toUpperCase(java.util.Locale.ROOT));
            }
        }
    }

    /** A part of the configuration rather than a value. */
    private static boolean isGroup(Class<?> type) {
        return type.isInterface() && type.getPackageName().startsWith("io.ancillary");
    }

    private static String nearest(String name, Set<String> known) {
        return known.stream().min((a, b) -> Integer.compare(distance(name, a), distance(name, b))).orElseThrow();
    }

    /** Levenshtein's: how many letters must be put in, taken out or changed. */
    private static int distance(String a, String b) {
        int[] row = Stream.iterate(0, i -> i + 1).limit(b.length() + 1L).mapToInt(i -> i).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
