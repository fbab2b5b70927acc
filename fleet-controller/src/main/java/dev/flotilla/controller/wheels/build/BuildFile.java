package dev.flotilla.controller.wheels.build;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.Sha256;

/**
 * A file that a build has in its sandbox: an sdist, or a wheel that its back end needs.
 *
 * @param name without any folder
 */
record BuildFile(String name, Sha256 digest) {
    BuildFile {
        if (name.isEmpty() || name.startsWith(".") || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("'" + name + "' is no file's name");
        }
    }

    JsonObject json() {
        return JsonObject.EMPTY.with("name", name).with("sha256", digest.hex());
    }
}
