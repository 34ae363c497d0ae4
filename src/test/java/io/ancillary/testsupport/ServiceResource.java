package io.ancillary.testsupport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/**
 * Gives the service under test a {@link ServiceStub} for both flows, and a test class its stub: by a field of that
 * type. The service gets a port that is known before it starts, since it tells its processors where it is reached.
 * Init arguments are passed on as configuration.
 */
public class ServiceResource implements QuarkusTestResourceLifecycleManager {
    /** Below those that the system gives out by itself: what is free stays so until the service takes it. */
    private static final int LOWEST_PORT = 20_000;
    private static final int HIGHEST_PORT = 32_000;

    private final Map<String, String> passedOn = new HashMap<>();
    private ServiceStub stub;

    @Override
    public void init(Map<String, String> arguments) {
        passedOn.putAll(arguments);
    }

    @Override
    public Map<String, String> start() {
        stub = ServiceStub.start();
        String port = String.valueOf(freePort());
        Map<String, String> config = new HashMap<>();
        config.put("ancillary.packets.service.url", stub.uri().toString());
        config.put("ancillary.sessions.service.url", stub.uri().toString());
        config.put("ancillary.public-url", "http://127.0.0.1:" + port);
        // The one is asked for within this process, the other by the packaged service.
        config.put("quarkus.http.test-port", port);
        config.put("quarkus.http.port", port);
        config.putAll(passedOn);
        return config;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(stub, new TestInjector.MatchesType(ServiceStub.class));
    }

    @Override
    public void stop() {
        if (stub != null) {
            stub.close();
        }
    }

    private static int freePort() {
        Random random = new SecureRandom();
        while (true) {
            int port = LOWEST_PORT + random.nextInt(HIGHEST_PORT - LOWEST_PORT);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(port));
                return port;
            } catch (IOException e) {
                // Taken: another.
            }
        }
    }
}
