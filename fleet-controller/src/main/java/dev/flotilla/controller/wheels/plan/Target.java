package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.wheels.requirement.MarkerEnvironment;
import dev.flotilla.vocabulary.Interpreter;

/** One Python of one platform. */
record Target(WheelPlatform platform, Interpreter interpreter) {
    MarkerEnvironment environment() {
        return MarkerEnvironment.of(interpreter, platform.machine());
    }

    @Override
    public String toString() {
        return platform.slug() + ", Python " + interpreter;
    }
}
