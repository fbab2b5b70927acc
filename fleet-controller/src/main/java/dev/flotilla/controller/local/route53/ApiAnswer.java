package dev.flotilla.controller.local.route53;

import java.util.Optional;

/**
 * What the API answers when it does as asked.
 *
 * @param created whether something was made; then {@code location} says where it is found
 * @param location the path of what was made
 */
record ApiAnswer(boolean created, Optional<String> location, String body) {
    static ApiAnswer ok(String body) {
        return new ApiAnswer(false, Optional.empty(), body);
    }

    static ApiAnswer created(String location, String body) {
        return new ApiAnswer(true, Optional.of(location), body);
    }
}
