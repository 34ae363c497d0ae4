package io.ancillary.pipeline;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Membership;
import io.ancillary.collation.StoreUnavailableException;

/**
 * A store as over a bad line: everything happens on one thread, as with a real one, and the answer to a call can
 * be lost although, or before, the call was carried out.
 */
final class FaultyStore implements AutoCloseable {
    private final String name = "store " + System.identityHashCode(this);
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name));
    private final Queue<String> lostAnswers = new ConcurrentLinkedQueue<>();
    private final Queue<String> lostCalls = new ConcurrentLinkedQueue<>();
    private final AtomicLong connections = new AtomicLong(1);
    private final AtomicInteger beats = new AtomicInteger();
    private final Set<String> called = ConcurrentHashMap.newKeySet();
    private final CollationStore inner;

    FaultyStore(CollationStore inner) {
        this.inner = inner;
    }

    CollationStore store() {
        return wrap(CollationStore.class, inner);
    }

    /** The next call of this name is carried out, and nobody is told. */
    void loseNextAnswerTo(String call) {
        lostAnswers.add(call);
    }

    /** The next call of this name is not carried out. */
    void loseNext(String call) {
        lostCalls.add(call);
    }

    /** The line broke and was made anew. */
    void reconnect() {
        connections.incrementAndGet();
    }

    /** Whether a call of this name has reached the store. */
    boolean hasCalled(String call) {
        return called.contains(call);
    }

    /** How many heartbeats were asked for, of all replicas. */
    int beats() {
        return beats.get();
    }

    /** Waits until all is done that follows from what was asked for, unless it takes very many calls. */
    void rest() {
        try {
            for (int i = 0; i < 50; i++) {
                thread.submit(() -> {
                }).get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean hasLostAll() {
        return lostAnswers.isEmpty() && lostCalls.isEmpty();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private <T> T wrap(Class<T> port, T target) {
        return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] { port },
                (proxy, method, arguments) -> invoke(target, method, arguments)));
    }

    private Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("afterThis")) {
            return (Executor) this::execute;
        }
        if (method.getName().equals("executor")) {
            return (Executor) this::executeHere;
        }
        if (method.getName().equals("connections")) {
            return connections.get();
        }
        if (method.getReturnType() != CompletionStage.class) {
            return method.invoke(target, arguments);
        }
        CompletableFuture<Object> answer = new CompletableFuture<>();
        execute(() -> call(target, method, arguments, answer));
        return answer;
    }

    private void call(Object target, Method method, Object[] arguments, CompletableFuture<Object> answer) {
        called.add(method.getName());
        if (method.getName().equals("tick")) {
            beats.incrementAndGet();
        }
        if (lostCalls.remove(method.getName())) {
            answer.completeExceptionally(new StoreUnavailableException("call lost"));
            return;
        }
        CompletionStage<?> given = given(target, method, arguments);
        if (lostAnswers.remove(method.getName())) {
            answer.completeExceptionally(new StoreUnavailableException("answer lost"));
            return;
        }
        given.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value instanceof Membership membership ? wrap(Membership.class, membership) : value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private static CompletionStage<?> given(Object target, Method method, Object[] arguments) {
        try {
            return (CompletionStage<?>) method.invoke(target, arguments);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    /** At once where it is asked for on the thread itself, as with a real one. */
    private void executeHere(Runnable task) {
        if (Thread.currentThread().getName().equals(name)) {
            task.run();
        } else {
            execute(task);
        }
    }

    private void execute(Runnable task) {
        if (!thread.isShutdown()) {
            thread.execute(task);
        }
    }
}
