package io.ancillary.testsupport;

import java.util.HashMap;
import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/**
 * Has the service under test trust an authority of the test's, and gives a test class that authority: by a field of that
 * type. Init arguments are passed on as configuration.
 */
public class TrustResource implements QuarkusTestResourceLifecycleManager {

    private final Map<String, String> passedOn = new HashMap<>();
    private TestAuthority authority;

    @Override
    public void init(Map<String, String> arguments) {
        passedOn.putAll(arguments);
    }

    @Override
    public Map<String, String> start() {
        authority = TestAuthority.create();
        Map<String, String> config = new HashMap<>(passedOn);
        config.put("quarkus.tls.webhook.trust-store.pem.certs", authority.pem().toString());
        return config;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(authority, new TestInjector.MatchesType(TestAuthority.class));
    }

    @Override
    public void stop() {
        // Its files are temporary.
    }
}
