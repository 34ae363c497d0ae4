package io.ancillary.http;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.handlers.ClassRoutingHandler;
import org.jboss.resteasy.reactive.server.handlers.RestInitialHandler.InitialMatch;
import org.jboss.resteasy.reactive.server.mapping.RequestMapper;
import org.jboss.resteasy.reactive.server.mapping.RequestMapper.RequestMatch;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.spi.ServerRestHandler;

/** The methods that the path of a request has, for {@code Allow}: the framework refuses a method without one. */
final class AllowedMethods {

    private AllowedMethods() {
    }

    static Set<String> of(ResteasyReactiveRequestContext request) {
        Set<String> methods = new TreeSet<>();
        RequestMatch<InitialMatch> match = new RequestMapper<>(request.getDeployment().getClassMappers())
                .map(request.getPathWithoutPrefix());
        if (match != null) {
            String rest = match.remaining.isEmpty() ? "/" : match.remaining;
            for (ServerRestHandler handler : match.value.handlers) {
                if (handler instanceof ClassRoutingHandler routes) {
                    collect(routes.getMappers(), rest, methods);
                }
            }
        }
        return methods;
    }

    private static void collect(Map<String, RequestMapper<RuntimeResource>> routes, String rest, Set<String> methods) {
        routes.forEach((method, paths) -> {
            if (method != null && paths.map(rest) != null) {
                methods.add(method);
                if (method.equals("GET")) {
                    methods.add("HEAD");
                }
            }
        });
    }
}
