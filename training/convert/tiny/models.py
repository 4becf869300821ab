"""Networks of the real architectures with few and narrow layers, and random weights that make every part matter."""

from typing import Any

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, SD3Transformer2DModel, UNet2DConditionModel
from torch import nn
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedModel,
    T5Config,
    T5EncoderModel,
)


def randomise(module: nn.Module, std: float) -> None:
    """Normal weights. Norms stay near 1 and biases near 0; what starts as zero in training does not stay zero here."""
    for name, p in module.named_parameters():
        if p.ndim > 1:
            nn.init.normal_(p, std=0.2 if "embed" in name and "proj" not in name else std)
        elif "norm" in name and name.endswith("weight"):
            nn.init.normal_(p, mean=1, std=0.1)
        else:
            nn.init.normal_(p, std=0.05)
    module.eval().requires_grad_(False)


def clip(vocabulary: int, width: int, layers: int, activation: str, projection: int | None) -> PreTrainedModel:
    """projection: None for an encoder without one, as SDXL's first."""
    config = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        projection_dim=projection or width,
        hidden_act=activation,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=2,  # as in the real configs: the end token is then the one with the largest id
        pad_token_id=1,
    )
    model = CLIPTextModelWithProjection(config) if projection else CLIPTextModel(config)
    randomise(model, 0.15)
    return model


def t5(vocabulary: int, width: int) -> T5EncoderModel:
    config = T5Config(
        vocab_size=vocabulary,
        d_model=width,
        d_ff=2 * width,
        d_kv=16,
        num_layers=2,
        num_heads=3,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        use_cache=False,
        tie_word_embeddings=False,
    )
    model = T5EncoderModel(config)
    randomise(model, 0.1)
    return model


def mmdit(layers: int, dual: tuple[int, ...], text_width: int, pooled_width: int) -> SD3Transformer2DModel:
    model = SD3Transformer2DModel(
        sample_size=32,
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=layers,
        attention_head_dim=32,
        num_attention_heads=2,
        caption_projection_dim=64,
        joint_attention_dim=text_width,
        pooled_projection_dim=pooled_width,
        pos_embed_max_size=40,
        dual_attention_layers=dual,
        qk_norm="rms_norm",
    )
    randomise(model, 0.12)
    return model


def unet(text_width: int, pooled_width: int) -> UNet2DConditionModel:
    time_width = 8
    model = UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 32, 32),
        layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(1, 2, 2),
        transformer_layers_per_block=(1, 1, 2),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=time_width,
        projection_class_embeddings_input_dim=pooled_width + 6 * time_width,
        cross_attention_dim=text_width,
        norm_num_groups=8,
    )
    randomise(model, 0.1)
    return model


def vae(channels: int, scaling: float, shift: float | None, quant: bool) -> AutoencoderKL:
    settings: dict[str, Any] = {"shift_factor": shift} if shift is not None else {}
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 16, 16, 16),
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=4,
        sample_size=256,
        scaling_factor=scaling,
        use_quant_conv=quant,
        use_post_quant_conv=quant,
        force_upcast=True,
        **settings,
    )
    randomise(model, 0.1)
    return model


def taesd(channels: int) -> AutoencoderTiny:
    model = AutoencoderTiny(
        latent_channels=channels,
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(2, 1, 1, 1),
    )
    torch.manual_seed(4)
    randomise(model, 0.2)
    return model
