package io.ancillary.http;

import java.util.Map;

import io.vertx.core.http.HttpHeaders;

/**
 * For browsers, which open whatever a link leads to: nothing here is a page, runs, may be framed or is to be kept, and it is
 * what it says it is.
 */
public final class ForBrowsers {
    public static final Map<CharSequence, CharSequence> HEADERS = Map.of(
            HttpHeaders.createOptimized("X-Content-Type-Options"), HttpHeaders.createOptimized("nosniff"),
            HttpHeaders.createOptimized("X-Frame-Options"), HttpHeaders.createOptimized("DENY"),
            HttpHeaders.createOptimized("Content-Security-Policy"),
            HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'"),
            HttpHeaders.createOptimized("Referrer-Policy"), HttpHeaders.createOptimized("no-referrer"),
            HttpHeaders.createOptimized("Cross-Origin-Resource-Policy"), HttpHeaders.createOptimized("same-origin"),
            HttpHeaders.createOptimized("Cache-Control"), HttpHeaders.createOptimized("no-store"));

    private ForBrowsers() {
    }
}
