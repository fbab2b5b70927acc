package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.BuilderName;

/**
 * A machine that builds wheels. It is no node: nothing is installed there, and nobody is served from it.
 *
 * @param name as platforms call it
 * @param fabric {@code static}: gone to by SSH; {@code local}: this computer
 * @param login the way there; its host is known where the fabric is {@code static}
 * @param folder absolute, on that machine: where builds happen and what they need is kept
 * @param parallel how many builds it bears at a time
 */
public record WheelBuilder(BuilderName name, FabricKind fabric, NodeLogin login, String folder, int parallel) {
    private static final String USUAL_FOLDER = "/var/tmp/flotilla-wheels";
    private static final int USUAL_PARALLEL = 2;
    private static final int MOST_PARALLEL = 64;

    public WheelBuilder {
        if (fabric == FabricKind.STATIC && login.host().isEmpty()) {
            throw new IllegalArgumentException(
                    "nobody has said where it is: write ssh { host = … }, or fabric = local for this computer");
        }
        if (folder.isEmpty()) {
            throw new IllegalArgumentException("folder has to be one of its own, such as " + USUAL_FOLDER);
        }
    }

    static Setting<WheelBuilder> read(BuilderName name, Settings settings) {
        var fabric = settings.optional("fabric", FabricKind.STATIC, FabricKind::parse);
        var login = settings.optionalSection("ssh", NodeLogin::read);
        var folder = settings.optional("folder", USUAL_FOLDER, ProvisionSettings::root);
        var parallel = settings.integer("parallel", USUAL_PARALLEL, 1, MOST_PARALLEL);
        return settings.build(() -> new WheelBuilder(
                name, fabric.get(), login.get().orElse(NodeLogin.USUAL), folder.get(), parallel.get()));
    }
}
