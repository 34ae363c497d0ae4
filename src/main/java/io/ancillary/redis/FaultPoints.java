package io.ancillary.redis;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Partitions;
import io.quarkus.arc.profile.IfBuildProfile;

/**
 * Where a drill lets the process die: before a call to the store, or after its answer came and before anybody acts on
 * it. {@code -Dfault.point=collate:after -Dfault.call=17} is the 17th such moment. Or of a part whose
 * body has {@code -Dfault.poison=<text>} in it, each time it was processed. It ends as by {@code kill -9}.
 * Built into no jar but the drills' own.
 */
@IfBuildProfile("drill")
class FaultPoints {
    private static final int AS_BY_KILL_9 = 137;

    private final String point = System.getProperty("fault.point", "");
    private final Optional<String> poison = Optional.ofNullable(System.getProperty("fault.poison"));
    private final AtomicInteger left = new AtomicInteger(Integer.getInteger("fault.call", 1));

    @Produces
    @Alternative
    @Priority(1)
    @Singleton
    Partitions partitions(RedisStores stores) {
        return new Partitions(stores.partitions().stores().stream().map(store -> around(CollationStore.class, store)).toList());
    }

    private <T> T around(Class<T> port, T target) {
        return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] { port },
                (proxy, method, arguments) -> invoke(target, method, arguments)));
    }

    private Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        reach(method.getName() + ":before");
        if (method.getName().equals("collate") && arguments[2] instanceof PartResult.Output
                && poison.filter(((Part) arguments[1]).body()::contains).isPresent()) {
            Runtime.getRuntime().halt(AS_BY_KILL_9);
        }
        Object answer;
        try {
            answer = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (answer instanceof CompletionStage<?> stage) {
            return stage.thenApply(given -> {
                reach(method.getName() + ":after");
                return given instanceof Membership membership ? around(Membership.class, membership) : given;
            });
        }
        return answer;
    }

    private void reach(String moment) {
        if (moment.equals(point) && left.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(AS_BY_KILL_9);
        }
    }
}
