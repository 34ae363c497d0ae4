package io.ancillary.testsupport;

import java.util.HashMap;
import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/**
 * Gives the service under test a {@link WebhookSink}, and a test class its sink: by a field of that type. Init
 * arguments are passed on as configuration.
 */
public class SinkResource implements QuarkusTestResourceLifecycleManager {

    private final Map<String, String> passedOn = new HashMap<>();
    private WebhookSink sink;

    @Override
    public void init(Map<String, String> arguments) {
        passedOn.putAll(arguments);
    }

    @Override
    public Map<String, String> start() {
        sink = WebhookSink.start();
        Map<String, String> config = new HashMap<>(passedOn);
        config.put("ancillary.webhook.url", sink.uri().toString());
        return config;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(sink, new TestInjector.MatchesType(WebhookSink.class));
    }

    @Override
    public void stop() {
        if (sink != null) {
            sink.close();
        }
    }
}
