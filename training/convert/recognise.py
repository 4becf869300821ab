"""Tells from a diffusers folder's configs which model it is, or why it cannot be converted."""

from pathlib import Path

from training.convert.clip import Clip, write_clip
from training.convert.config import Config
from training.convert.errors import ConversionError
from training.convert.graph import ModelGraph
from training.convert.mmdit import MMDiT, TextInput, write_mmdit
from training.convert.model import Component, RealModel, TextEncoder
from training.convert.noise_table import NoiseTable
from training.convert.schedules import OF_SD35, Family, Schedules, scaled, sdxl_schedules
from training.convert.t5 import T5, write_t5
from training.convert.taesd import Taesd, write_taesd_decoder
from training.convert.unet import UNet, write_unet
from training.convert.vae import Vae, write_vae_decoder

T5_TOKENS = 512  # what SwD's models were distilled with
MOST_CELLS = 1024  # along one side, of the engine (src/manifest/schema.ts)


def recognise(root: Path, decoder: Path | None = None) -> RealModel:
    """decoder: a folder with an AutoencoderTiny to use in place of the checkpoint's own decoder."""
    if not root.is_dir():
        raise ConversionError(f"{root} is not a folder. Give the folder that holds model_index.json.")
    pipeline = Config(root, "model_index.json").text("_class_name")
    match pipeline:
        case "StableDiffusion3Pipeline":
            return sd3(root, decoder)
        case "StableDiffusionXLPipeline":
            return sdxl(root, decoder)
        case _:
            raise ConversionError(
                f"{root}/model_index.json names {pipeline}, which cannot be converted. SD3.5-Medium, SD3.5-Large "
                "(StableDiffusion3Pipeline) and SDXL (StableDiffusionXLPipeline) can."
            )


def folder_of(root: Path, name: str, *classes: str) -> Path:
    """A component's folder, whose class is one of those known."""
    entry = Config(root, "model_index.json").values.get(name)
    found = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    if found not in classes:
        raise ConversionError(
            f"{root}/model_index.json: '{name}' is {found or 'missing'}, and {' or '.join(classes)} is expected. "
            "Download the whole folder; models without this part cannot be converted."
        )
    return root / name


def clip_encoder(root: Path, place: int, letter: str, *, pooled: bool, classes: list[str]) -> tuple[TextEncoder, Clip]:
    """place: 1 or 2, as diffusers counts them."""
    suffix = "" if place == 1 else f"_{place}"
    folder = folder_of(root, f"text_encoder{suffix}", *classes)
    clip = Clip.read(Config(folder))
    component = Component(
        f"text-encoder-{place}", folder, lambda g: write_clip(g, clip, pooled=pooled), reads_text=True
    )
    outputs = {"states": f"clip_{letter}_states"} | ({"pooled": f"clip_{letter}_pooled"} if pooled else {})
    return TextEncoder(component, root / f"tokenizer{suffix}", clip.tokens, outputs), clip


def decoder_of(root: Path, tiny: Path | None, cells: int, *, halves: bool) -> tuple[Component, Vae | Taesd]:
    if tiny is None:
        folder = folder_of(root, "vae", "AutoencoderKL")
        vae = Vae.read(Config(folder))

        def write(g: ModelGraph) -> list[str]:
            return write_vae_decoder(g, vae, cells)

        return Component("decoder", folder, write, halves=halves, never_blocks=True), vae
    config = Config(tiny)
    if config.text("_class_name") != "AutoencoderTiny":
        raise ConversionError(f"{config.path} is no AutoencoderTiny. Give --decoder a TAESD folder, or leave it out.")
    taesd = Taesd.read(config)
    return Component("decoder", tiny, lambda g: write_taesd_decoder(g, taesd), never_blocks=True), taesd


def same_channels(root: Path, denoiser: int, decoder: int) -> None:
    if denoiser != decoder:
        raise ConversionError(
            f"{root}: the denoiser's latents have {denoiser} channels and the decoder's {decoder}. The decoder was "
            "made for another model."
        )


def sizes_of(config: Config, schedules: Schedules, sample: int, patch: int, most: int) -> Schedules:
    """The schedules for a model whose full size is `sample` cells; each size has to be one that it can draw."""
    found = {name: scaled(steps, sample) for name, steps in schedules.items()}
    wrong = next((size for steps in found.values() for size, _ in steps if not 0 < size <= most or size % patch), None)
    if wrong is not None or sample > most:
        raise ConversionError(
            f"{config.path}: with a sample_size of {sample} the schedules draw {wrong or sample} cells, and this model "
            f"draws multiples of {patch} up to {most}. Its schedules were made for 128. Download the folder again."
        )
    return found


def states(encoder: TextEncoder, width: int) -> TextInput:
    return TextInput(encoder.outputs["states"], width, encoder.tokens)


def sd3(root: Path, tiny: Path | None) -> RealModel:
    folder = folder_of(root, "transformer", "SD3Transformer2DModel")
    config = Config(folder)
    m = MMDiT.read(config)
    schedules = sizes_of(config, OF_SD35, m.sample, m.patch, min(m.most_cells, MOST_CELLS))
    family: Family = "sd35-medium" if m.dual else "sd35-large"
    projected = ["CLIPTextModelWithProjection"]
    first, clip_l = clip_encoder(root, 1, "l", pooled=True, classes=projected)
    second, clip_g = clip_encoder(root, 2, "g", pooled=True, classes=projected)
    t5_folder = folder_of(root, "text_encoder_3", "T5EncoderModel")
    t5 = T5.read(Config(t5_folder))
    limit = Config(root / "tokenizer_3", "tokenizer_config.json").real("model_max_length", float(T5_TOKENS))
    tokens = int(max(1, min(limit, T5_TOKENS)))
    third = TextEncoder(
        Component("text-encoder-3", t5_folder, lambda g: write_t5(g, t5, tokens), reads_text=True),
        root / "tokenizer_3",
        tokens,
        {"states": "t5_states"},
    )
    clips = [states(first, clip_l.width), states(second, clip_g.width)]
    pooled = [TextInput("clip_l_pooled", clip_l.projection), TextInput("clip_g_pooled", clip_g.projection)]
    if sum(p.width for p in pooled) != m.pooled_width or t5.width != m.text_width:
        raise ConversionError(
            f"{folder}/config.json does not fit the text encoders' widths. Download the folder again."
        )

    def write(g: ModelGraph) -> list[str]:
        write_mmdit(g, m, clips, states(third, t5.width), pooled)
        return []

    decoder, vae = decoder_of(root, tiny, m.sample, halves=True)
    same_channels(root, m.channels, vae.channels)
    return RealModel(
        family=family,
        root=root,
        encoders=[first, second, third],
        denoiser=Component("denoiser", folder, write, attends=True, takes_lora=True),
        decoder=decoder,
        timestep="timestep",
        timestep_scale=1000,
        channels=m.channels,
        patch=m.patch,
        sample=m.sample,
        most=m.most_cells,
        cell=vae.cell,
        schedules=schedules,
        activation_width=16 * m.width // m.patch**2,
        decoder_width=4 * vae.widths[0],
    )


def sdxl(root: Path, tiny: Path | None) -> RealModel:
    folder = folder_of(root, "unet", "UNet2DConditionModel")
    config = Config(folder)
    m = UNet.read(config)
    table = NoiseTable.read(Config(root / "scheduler", "scheduler_config.json"))
    schedules = sizes_of(config, sdxl_schedules(table.sigma.tolist()), m.sample, m.patch, MOST_CELLS)
    kinds = ["CLIPTextModel", "CLIPTextModelWithProjection"]
    first, clip_l = clip_encoder(root, 1, "l", pooled=False, classes=kinds)
    second, clip_g = clip_encoder(root, 2, "g", pooled=True, classes=kinds[1:])
    clips = [states(first, clip_l.width), states(second, clip_g.width)]
    if clip_l.width + clip_g.width != m.text_width or clip_g.projection != m.pooled_width:
        raise ConversionError(
            f"{folder}/config.json does not fit the text encoders' widths. Download the folder again."
        )

    def write(g: ModelGraph) -> list[str]:
        write_unet(g, m, table, clips, TextInput("clip_g_pooled", clip_g.projection))
        return []

    # SDXL's own decoder overflows float16; a TAESD does not.
    decoder, vae = decoder_of(root, tiny, m.sample, halves=False)
    same_channels(root, m.channels, vae.channels)
    return RealModel(
        family="sdxl",
        root=root,
        encoders=[first, second],
        denoiser=Component("denoiser", folder, write, attends=True, takes_lora=True),
        decoder=decoder,
        timestep="sigma",
        timestep_scale=1,
        channels=m.channels,
        patch=m.patch,
        sample=m.sample,
        most=None,
        cell=vae.cell,
        schedules=schedules,
        activation_width=8 * m.widths[0],
        decoder_width=4 * vae.widths[0],
    )
