package io.ancillary;

import java.util.List;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts the service, unless its configuration is wrong: then it says so in a line or two and ends. */
@QuarkusMain
public class Main {
    private static final int MOST_LINES = 2;
    private static final String LOADERS_OF_DEV_MODE = "io.quarkus.bootstrap.classloading.";

    public static void main(String... args) {
        if (isPackaged()) {
            List<String> problems = StartupCheck.ofThisProcess().problems();
            if (!problems.isEmpty()) {
                problems.stream().limit(MOST_LINES).forEach(System.err::println);
                System.exit(1);
            }
            // Before the first server: Netty looks once.
            System.setProperty(ChannelInitializerExtension.EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
        }
        Quarkus.run(args);
    }

    /**
     * Dev mode tells of a bad configuration in its own way, and must not end here. The launch mode would say so
     * too, but is not set yet.
     */
    private static boolean isPackaged() {
        return !Main.class.getClassLoader().getClass().getName().startsWith(LOADERS_OF_DEV_MODE);
    }
}
